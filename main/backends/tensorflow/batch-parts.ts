import type { Ops } from './ops.ts';

/** Samples [begin, end) of a batch. */
export interface BatchPart {
  begin: number;
  end: number;
}

/** With fewer samples in a part, products of matrices are no longer worth a thread of their own. */
const fewestSamples = 16;

/**
 * A batch cut into parts that an engine computes side by side.
 * @param most as many parts as the engine has use for; a batch too small for them gets fewer
 */
export function partsOfBatch(size: number, most: number): BatchPart[] {
  const count = Math.max(1, Math.min(most, Math.floor(size / fewestSamples)));
  const bound = (i: number) => Math.floor((i * size) / count);
  return Array.from({ length: count }, (_, i) => ({ begin: bound(i), end: bound(i + 1) }));
}

/** The part's rows of a tensor [N, …]. */
export function rowsOf<T>(ops: Ops<T>, x: T, { begin, end }: BatchPart): T {
  const [size, ...rest] = ops.shapeOf(x);
  if (end - begin === size) return x;
  const zeros = rest.map(() => 0);
  return ops.stridedSlice(x, [begin, ...zeros], [end, ...rest], [1, ...rest.map(() => 1)]);
}

/** Rows one after the other again. */
export function joinRows<T>(ops: Ops<T>, parts: readonly T[]): T {
  return parts.length === 1 ? parts[0] : ops.concat(parts, 0);
}
