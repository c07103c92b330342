import { shallowRef } from 'vue';

/** The tokens that charts draw with, as colours that a canvas understands. */
export interface ChartTheme {
  text: string;
  muted: string;
  grid: string;
  axis: string;
  background: string;
  accent: string;
  bad: string;
  font: string;
  /** Resolves `var(--run-3)`; other colours are returned as they are. */
  color(css: string): string;
}

/** The current theme; replaced when the page's theme changes, so that charts redraw. */
export const chartTheme = shallowRef(readTheme());

function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const color = (css: string) => {
    const name = /^var\((--[\w-]+)\)$/.exec(css)?.[1];
    return name ? token(name) : css;
  };
  return {
    text: token('--text'),
    muted: token('--text-muted'),
    grid: token('--border'),
    axis: token('--border-strong'),
    background: token('--bg'),
    accent: token('--accent'),
    bad: token('--bad'),
    font: token('--font-ui') || 'sans-serif',
    color,
  };
}

const refresh = () => (chartTheme.value = readTheme());
new MutationObserver(refresh).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ['data-theme'],
});
// The tokens come with a style sheet, and labels are measured with fonts that may still be loading.
window.addEventListener('load', refresh);
