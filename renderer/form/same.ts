/** Equality of field values: numbers, texts, booleans and lists of integers. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => v === b[i]);
  return a === b;
}

/** A value as the form and its differences write it. */
export function showValue(value: unknown): string {
  if (value === undefined || value === '') return 'empty';
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}
