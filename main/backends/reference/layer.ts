import type { GradientMode } from '../backend.ts';

/** One call of `trainStep`, `evaluate` or `logits`, as the layers see it. */
export interface Pass {
  /** Samples in this batch. */
  batch: number;
  /** Batch statistics and dropout, or running statistics and none. */
  training: boolean;
  dropoutSeed: number;
  gradients: GradientMode;
}

/**
 * A compiled layer. Tensors are sample-major [batch][channels][height][width] in arrays made for the largest batch.
 * A layer may keep what its backward pass needs from the forward pass before it.
 */
export interface Layer {
  /** Fills `y` from the layer's inputs `x`. */
  forward(x: readonly Float32Array[], y: Float32Array, pass: Pass): void;
  /**
   * Adds ∂L/∂x to each `dx` (undefined where nobody needs it: the samples themselves) and ∂L/∂parameter to the
   * parameters' gradients, from `dy` = ∂L/∂y.
   */
  backward(
    x: readonly Float32Array[],
    dy: Float32Array,
    dx: readonly (Float32Array | undefined)[],
    pass: Pass,
  ): void;
}
