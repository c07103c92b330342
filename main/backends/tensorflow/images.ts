import type { Shape } from '../../models/graph.ts';
import type { Ops } from './ops.ts';

/** Shape of a batch of a layer's inputs or outputs: [N, H, W, C], flat [N, C] where H · W = 1. */
export function activationShape(count: number, [channels, height, width]: Shape): number[] {
  return height * width === 1 ? [count, channels] : [count, height, width, channels];
}

/** [N, H, W, C] of a layer's input or output, which is flat [N, C] where H · W = 1. */
export function toImage<T>(ops: Ops<T>, x: T, [channels, height, width]: Shape): T {
  return height * width === 1 ? ops.reshape(x, [ops.shapeOf(x)[0], 1, 1, channels]) : x;
}

/** The way back from `toImage`. */
export function fromImage<T>(ops: Ops<T>, x: T, [channels, height, width]: Shape): T {
  return height * width === 1 ? ops.reshape(x, [ops.shapeOf(x)[0], channels]) : x;
}
