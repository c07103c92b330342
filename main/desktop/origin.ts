/** Where the window lives in the desktop shell: a scheme of our own, never file://. */
export const scheme = 'app';
export const origin = `${scheme}://filigree`;

export function isOurs(url: string | undefined): boolean {
  if (!url || !URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === origin;
}
