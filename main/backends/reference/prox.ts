import type { Regularizer } from '../backend.ts';

/**
 * The proximal map prox_{sJ}(x) = argmin_z ½‖z − x‖² + s·J(z), in place.
 * @param x a parameter's entries; those outside the update's scope are 0 and stay 0
 * @param shape of the parameter: linear [out, in], convolution [out, in, kh, kw]
 * @param s the step: δ in mirror descent, τ in proximal gradient descent
 */
export function prox(x: Float64Array, regularizer: Regularizer, shape: readonly number[], s: number): void {
  switch (regularizer.kind) {
    case 'none':
      return;
    case 'l1':
      return softThreshold(x, s * regularizer.lambda);
    case 'l1-positive':
      for (let i = 0; i < x.length; i++) x[i] = Math.max(x[i] - s * regularizer.lambda, 0);
      return;
    case 'group-rows':
      return shrinkGroups(x, x.length / shape[0], s * regularizer.lambda);
    case 'group-kernels':
      return shrinkGroups(x, kernelGroup(x.length, shape), s * regularizer.lambda);
    case 'l1-group':
      softThreshold(x, s * regularizer.lambda);
      return shrinkGroups(x, kernelGroup(x.length, shape), s * regularizer.groupLambda);
  }
}

/** S_t(x) = sign(x) · max(|x| − t, 0). */
function softThreshold(x: Float64Array, t: number): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.sign(x[i]) * Math.max(Math.abs(x[i]) - t, 0);
}

/** x_g ← x_g · max(1 − t √|g| / ‖x_g‖, 0) for consecutive groups of `size` entries. */
function shrinkGroups(x: Float64Array, size: number, t: number): void {
  for (let from = 0; from < x.length; from += size) {
    const group = x.subarray(from, from + size);
    const norm = Math.sqrt(group.reduce((sum, v) => sum + v * v, 0));
    const factor = norm > 0 ? Math.max(1 - (t * Math.sqrt(size)) / norm, 0) : 0;
    for (let i = 0; i < size; i++) group[i] *= factor;
  }
}

/** kh · kw of a convolution; the row of a linear layer. */
function kernelGroup(size: number, shape: readonly number[]): number {
  return shape.length === 4 ? shape[2] * shape[3] : size / shape[0];
}
