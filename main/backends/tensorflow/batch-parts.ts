import type { Ops } from './ops.ts';

/** With fewer samples in a part, products of matrices are no longer worth a thread of their own. */
const fewestSamples = 16;

/**
 * How many samples each part of a batch has, if an engine computes the parts side by side.
 * @param most as many parts as the engine has use for; a batch too small for them gets fewer
 */
export function partsOfBatch(size: number, most: number): number[] {
  const count = Math.max(1, Math.min(most, Math.floor(size / fewestSamples)));
  const bound = (i: number) => Math.floor((i * size) / count);
  return Array.from({ length: count }, (_, i) => bound(i + 1) - bound(i));
}

/** The rows of a tensor [N, …] in parts. */
export function splitRows<T>(ops: Ops<T>, x: T, parts: readonly number[]): T[] {
  return parts.length === 1 ? [x] : ops.split(x, parts);
}

/** Rows one after the other again. */
export function joinRows<T>(ops: Ops<T>, parts: readonly T[]): T {
  return parts.length === 1 ? parts[0] : ops.concat(parts, 0);
}
