/** The token in what a user pasted: a link that `filigree serve` printed, or the token alone. */
export function tokenIn(text: string): string | undefined {
  const trimmed = text.trim();
  return /#token=([\w-]+)/.exec(trimmed)?.[1] ?? /^[\w-]{16,}$/.exec(trimmed)?.[0];
}
