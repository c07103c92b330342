/**
 * A mask as the host sends it: eight entries per byte, row-major, first entry in the lowest bit, no padding between
 * rows; the bits after the last entry are zero. Everything the inspector computes starts from this form.
 */
export interface BitMatrix {
  rows: number;
  columns: number;
  bits: Uint8Array;
}

export const byteCount = (entries: number): number => (entries + 7) >>> 3;

export const bitAt = (bits: Uint8Array, index: number): number => (bits[index >> 3] >> (index & 7)) & 1;

export function emptyBits(rows: number, columns: number): BitMatrix {
  return { rows, columns, bits: new Uint8Array(byteCount(rows * columns)) };
}

/** Bits of a 32-bit word that are one. */
export function popCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The whole 32-bit words of some bytes; a copy where they are not aligned. The last bytes % 4 are left over. */
export function wordsOf(bits: Uint8Array): Uint32Array {
  const aligned = bits.byteOffset % 4 === 0 ? bits : bits.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

export function countOnes(bits: Uint8Array): number {
  const words = wordsOf(bits);
  let ones = 0;
  for (let i = 0; i < words.length; i++) ones += popCount(words[i]);
  for (let i = 4 * words.length; i < bits.length; i++) ones += popCount(bits[i]);
  return ones;
}

/** Ones among the entries `from` (inclusive) to `to` (exclusive). */
export function countRange(bits: Uint8Array, from: number, to: number): number {
  if (from >= to) return 0;
  const first = from >> 3;
  const last = (to - 1) >> 3;
  const head = 0xff << (from & 7);
  const tail = 0xff >> (7 - ((to - 1) & 7));
  if (first === last) return popCount(bits[first] & head & tail & 0xff);
  let ones = popCount(bits[first] & head & 0xff) + popCount(bits[last] & tail);
  for (let i = first + 1; i < last; i++) ones += popCount(bits[i]);
  return ones;
}

/** Calls `visit` for every one, in row-major order. */
export function forEachOne(
  matrix: BitMatrix,
  visit: (row: number, column: number, index: number) => void,
): void {
  const { bits, columns } = matrix;
  let row = 0;
  let rowEnd = columns;
  for (let byte = 0; byte < bits.length; byte++) {
    for (let rest = bits[byte]; rest !== 0; rest &= rest - 1) {
      const index = 8 * byte + 31 - Math.clz32(rest & -rest);
      while (index >= rowEnd) {
        row++;
        rowEnd += columns;
      }
      visit(row, index - rowEnd + columns, index);
    }
  }
}

/** Combines two masks of one shape byte by byte. */
export function combine(a: BitMatrix, b: BitMatrix, operation: (a: number, b: number) => number): BitMatrix {
  const result = emptyBits(a.rows, a.columns);
  for (let i = 0; i < result.bits.length; i++) result.bits[i] = operation(a.bits[i], b.bits[i]);
  return result;
}

/** The three parts of a difference from `a` to `b`, each as a mask. */
export function splitDifference(a: BitMatrix, b: BitMatrix): Record<'kept' | 'born' | 'died', BitMatrix> {
  return {
    kept: combine(a, b, (x, y) => x & y),
    born: combine(a, b, (x, y) => ~x & y),
    died: combine(a, b, (x, y) => x & ~y),
  };
}
