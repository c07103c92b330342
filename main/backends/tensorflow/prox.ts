import type { Regularizer } from '../backend.ts';
import type { Ops } from './ops.ts';

/** s·λ and s·λ_group of a proximal map with step s, []. */
export interface Thresholds<T> {
  threshold: T;
  groupThreshold: T;
}

/**
 * The proximal map prox_{sJ}(x) = argmin_z ½‖z − x‖² + s·J(z).
 * @param x a parameter in the engine's layout: linear [out, in], convolution [kh, kw, in, out]
 */
export function prox<T>(
  ops: Ops<T>,
  x: T,
  kind: Regularizer['kind'],
  { threshold, groupThreshold }: Thresholds<T>,
): T {
  const image = ops.shapeOf(x).length === 4;
  switch (kind) {
    case 'none':
      return x;
    case 'l1':
      return softThreshold(ops, x, threshold);
    case 'l1-positive':
      return ops.relu(ops.sub(x, threshold));
    case 'group-rows':
      return shrinkGroups(ops, x, image ? [0, 1, 2] : [1], threshold);
    case 'group-kernels':
      return shrinkGroups(ops, x, image ? [0, 1] : [1], threshold);
    case 'l1-group': {
      const thresholded = softThreshold(ops, x, threshold);
      return shrinkGroups(ops, thresholded, image ? [0, 1] : [1], groupThreshold);
    }
  }
}

/** S_t(x) = sign(x) · max(|x| − t, 0), computed as x minus its projection onto [−t, t]. */
function softThreshold<T>(ops: Ops<T>, x: T, t: T): T {
  const minus = ops.sub(ops.constant([0], []), t);
  return ops.sub(x, ops.maximum(ops.minimum(x, t), minus));
}

/** x_g ← x_g · max(1 − t √|g| / ‖x_g‖, 0) for the groups that the axes span. */
function shrinkGroups<T>(ops: Ops<T>, x: T, axes: readonly number[], t: T): T {
  const number = (value: number) => ops.constant([value], []);
  const size = axes.reduce((product, axis) => product * ops.shapeOf(x)[axis], 1);
  const norm = ops.sqrt(ops.sum(ops.square(x), axes, true));
  // Keeps an empty group from being 0 / 0 when t is 0.
  const divisor = ops.maximum(norm, number(1e-30));
  const shrink = ops.div(ops.mul(t, number(Math.sqrt(size))), divisor);
  return ops.mul(x, ops.relu(ops.sub(number(1), shrink)));
}
