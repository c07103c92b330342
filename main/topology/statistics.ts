import { countOnes } from './select.ts';

/** Masks are Uint8Arrays of 0 and 1, row-major; a convolution is read as [out, in · kh · kw]. */

export interface Degrees {
  /** Active entries per row: the fan-in of each output unit. */
  rows: Uint32Array;
  /** Active entries per column: the fan-out of each input (tap). */
  columns: Uint32Array;
  deadRows: number;
  deadColumns: number;
}

export function degrees(mask: Uint8Array, rows: number, columns: number): Degrees {
  const perRow = new Uint32Array(rows);
  const perColumn = new Uint32Array(columns);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, i++) {
      perRow[r] += mask[i];
      perColumn[c] += mask[i];
    }
  }
  const zeros = (counts: Uint32Array) => counts.reduce((sum, n) => sum + (n === 0 ? 1 : 0), 0);
  return { rows: perRow, columns: perColumn, deadRows: zeros(perRow), deadColumns: zeros(perColumn) };
}

export interface MaskDifference {
  /** Entries in both, only in b, only in a. */
  kept: number;
  born: number;
  died: number;
  /** Entries that differ: born + died. */
  hamming: number;
  /** Intersection over union; 1 for two empty masks. Two random masks of density d have d / (2 − d) on average. */
  iou: number;
}

/** How mask b differs from the earlier mask a. */
export function difference(a: Uint8Array, b: Uint8Array): MaskDifference {
  let kept = 0;
  let born = 0;
  let died = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] & b[i]) kept++;
    else if (b[i]) born++;
    else if (a[i]) died++;
  }
  const union = kept + born + died;
  return { kept, born, died, hamming: born + died, iou: union === 0 ? 1 : kept / union };
}

export function density(mask: Uint8Array): number {
  return countOnes(mask) / mask.length;
}

/**
 * Adds a mask to the union of all masks so far, in place.
 * The ITOP rate of a network is Σ|union| / Σn: the share of weights ever explored (arXiv 2102.02887).
 * @returns how many entries are new in the union
 */
export function addToUnion(union: Uint8Array, mask: Uint8Array): number {
  let added = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] && !union[i]) {
      union[i] = 1;
      added++;
    }
  }
  return added;
}

/**
 * Bytes of a weight matrix in float32: compressed sparse rows (a value and a 4-byte column index per entry, and where
 * each row starts), or dense where that is smaller.
 */
export function storedBytes(rows: number, size: number, nnz: number): number {
  return Math.min(8 * nnz + 4 * (rows + 1), 4 * size);
}
