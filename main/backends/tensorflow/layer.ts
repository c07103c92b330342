import type { TensorParameter } from './parameter.ts';

/** One forward and backward computation, as the layers see it. */
export interface Pass<T> {
  /** Batch statistics and dropout, or running statistics and none. */
  training: boolean;
  /** The dropout mask of a node (1 keeps, 0 drops), in the layout of its output. */
  dropoutMask(node: string): T;
  /** Takes a parameter's gradient, once per pass. */
  gradient(parameter: TensorParameter<T>, value: T): void;
}

/** A layer's output and the way back from ∂L/∂output to ∂L/∂input of each of its inputs. */
export interface Step<T> {
  y: T;
  /** Undefined for an input whose gradient nobody needs. Hands the parameters' gradients to the pass. */
  backward(dy: T): readonly (T | undefined)[];
}

/** A compiled layer: images [N, H, W, C], where H · W = 1 flat [N, C]. */
export type Layer<T> = (x: readonly T[], pass: Pass<T>) => Step<T>;
