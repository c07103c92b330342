// Before anything is drawn, so that the wrong theme never flashes; `shell/theme.ts` takes over.
{
  const wanted = localStorage.getItem('filigree-theme') ?? 'system';
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = wanted === 'system' ? (systemIsDark ? 'dark' : 'light') : wanted;
}
