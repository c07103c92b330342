/**
 * A number as a person types it: `0.5`, `1e-3`, `10 000`, `1,5`.
 * @returns undefined for an empty text, NaN for one that is no number
 */
export function parseNumber(text: string): number | undefined {
  const plain = text.replace(/[\s_\u00a0\u202f]/g, '').replace(/^\u2212/, '-');
  if (plain === '') return undefined;
  // A single comma is a decimal point unless it groups thousands.
  const pointed = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(plain)
    ? plain.replaceAll(',', '')
    : plain.replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(pointed) ? Number(pointed) : NaN;
}

/** A number as it stands in a field: all its digits, nothing else. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return '';
  return String(value).replace('e+', 'e');
}

/**
 * What an arrow key makes of a value. Without a step, the last significant digit that is not zero counts: 0.001
 * becomes 0.002 and 300 becomes 400, which suits rates and counts alike.
 */
export function stepNumber(
  value: number,
  direction: 1 | -1,
  range: { min?: number; max?: number; step?: number } = {},
): number {
  const { min = -Infinity, max = Infinity } = range;
  const stepped = value + direction * (range.step ?? naturalStep(value, direction));
  // 0.1 + 0.2 should be 0.3.
  return Math.min(max, Math.max(min, Number(stepped.toPrecision(12))));
}

function naturalStep(value: number, direction: 1 | -1): number {
  if (value === 0) return 1;
  const size = 10 ** Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const towardsZero = Math.sign(value) !== direction;
  // From 0.001 down to 0.0009, not to 0.
  return towardsZero && Math.abs(value) < size * 1.0001 ? size / 10 : size;
}
