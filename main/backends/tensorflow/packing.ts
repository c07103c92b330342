import type { Ops } from './ops.ts';

/** The sum of all entries, []. */
export function sumOf<T>(ops: Ops<T>, x: T): T {
  return ops.sum(
    x,
    ops.shapeOf(x).map((_, axis) => axis),
  );
}

/** Scalars as one vector, which is read at once. */
export function pack<T>(ops: Ops<T>, scalars: readonly T[]): T {
  const entries = scalars.map((scalar) => ops.reshape(scalar, [1]));
  return entries.length === 1 ? entries[0] : ops.concat(entries, 0);
}
