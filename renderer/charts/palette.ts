/** Categorical colours that stay apart for colour-blind readers; `--run-1` to `--run-8` in the tokens. */
export const colorCount = 8;

const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]] as const;

/**
 * The colour of a run: by its place in a comparison, or the same one everywhere where it stands alone (`index` left
 * out). A CSS value, so that it follows the theme; charts resolve it when they draw.
 */
export function runColor(id: string, index?: number): string {
  return `var(--run-${((index ?? hash(id)) % colorCount) + 1})`;
}

/** Once the colours are used up, the dash pattern tells runs apart: pixels on and off, empty for a solid line. */
export function runDash(index: number): readonly number[] {
  return dashes[Math.floor(index / colorCount) % dashes.length];
}

/** A line's colour and dashes as the background of a legend's swatch. */
export function swatch({ color, dash = [] }: { color: string; dash?: readonly number[] }): string {
  if (dash.length === 0) return color;
  const [on, off] = dash;
  return `repeating-linear-gradient(to right, ${color} 0 ${on}px, transparent ${on}px ${on + off}px)`;
}

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}
