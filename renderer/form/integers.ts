/** Reads `300, 100` or `300 100`; undefined while something in it is not a number. */
export function readIntegers(text: string): number[] | undefined {
  const parts = text.split(/[\s,;×]+/).filter(Boolean);
  const numbers = parts.map(Number);
  return numbers.every((number) => Number.isFinite(number)) ? numbers : undefined;
}
