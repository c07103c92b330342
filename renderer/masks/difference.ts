import { popCount, wordsOf, type BitMatrix } from './bits.ts';

/** How mask b differs from mask a. */
export interface Difference {
  entries: number;
  /** Ones in both, only in b, only in a. */
  kept: number;
  born: number;
  died: number;
  /** Entries that differ: born + died. */
  hamming: number;
  /** Intersection over union; 1 for two empty masks. */
  iou: number;
  /** Intersection over union of two independent random masks of the same densities. */
  expectedIou: number;
}

/** @throws Error if the masks are not of one shape */
export function difference(a: BitMatrix, b: BitMatrix): Difference {
  if (a.rows !== b.rows || a.columns !== b.columns) {
    throw new Error(
      `a mask of ${a.rows} × ${a.columns} has no difference to one of ${b.rows} × ${b.columns}`,
    );
  }
  const x = wordsOf(a.bits);
  const y = wordsOf(b.bits);
  let kept = 0;
  let born = 0;
  let died = 0;
  const add = (p: number, q: number) => {
    kept += popCount(p & q);
    born += popCount(~p & q);
    died += popCount(p & ~q);
  };
  for (let i = 0; i < x.length; i++) add(x[i], y[i]);
  for (let i = 4 * x.length; i < a.bits.length; i++) add(a.bits[i], b.bits[i]);
  const entries = a.rows * a.columns;
  const union = kept + born + died;
  return {
    entries,
    kept,
    born,
    died,
    hamming: born + died,
    iou: union === 0 ? 1 : kept / union,
    expectedIou: expectedIou((kept + died) / entries, (kept + born) / entries),
  };
}

/** d₁d₂ / (d₁ + d₂ − d₁d₂), which is d / (2 − d) for equal densities. */
export function expectedIou(d1: number, d2: number): number {
  const union = d1 + d2 - d1 * d2;
  return union === 0 ? 1 : (d1 * d2) / union;
}

/** Sum of absolute differences over the sum of magnitudes: 0 for equal weights, 1 for weights without overlap. */
export function normalizedSad(a: Float32Array, b: Float32Array): number {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    apart += Math.abs(a[i] - b[i]);
    size += Math.abs(a[i]) + Math.abs(b[i]);
  }
  return size === 0 ? 0 : apart / size;
}
