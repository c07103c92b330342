import type { Shape } from '../../models/graph.ts';
import { fromImage, toImage } from './images.ts';
import type { Layer } from './layer.ts';
import type { Ops, PoolWindow } from './ops.ts';

export function maxPool<T>(ops: Ops<T>, input: Shape, output: Shape, window: PoolWindow): Layer<T> {
  return ([x]) => {
    const image = toImage(ops, x, input);
    const y = ops.maxPool(image, window);
    return {
      y: fromImage(ops, y, output),
      backward(dy) {
        const dx = ops.maxPoolGradient(toImage(ops, dy, output), image, y, window);
        return [fromImage(ops, dx, input)];
      },
    };
  };
}

export function avgPool<T>(ops: Ops<T>, input: Shape, output: Shape, window: PoolWindow): Layer<T> {
  return ([x]) => {
    const image = toImage(ops, x, input);
    return {
      y: fromImage(ops, ops.avgPool(image, window), output),
      backward(dy) {
        const dx = ops.avgPoolGradient(toImage(ops, dy, output), ops.shapeOf(image), window);
        return [fromImage(ops, dx, input)];
      },
    };
  };
}

/** The mean of every channel. */
export function globalAvgPool<T>(ops: Ops<T>, [channels, height, width]: Shape): Layer<T> {
  const plane = height * width;
  if (plane === 1) return ([x]) => ({ y: x, backward: (dy) => [dy] });
  return ([x]) => ({
    y: ops.div(ops.sum(x, [1, 2]), ops.constant([plane], [])),
    backward(dy) {
      const perPixel = ops.constant(Array<number>(plane).fill(1 / plane), [1, height, width, 1]);
      return [ops.mul(ops.reshape(dy, [ops.shapeOf(x)[0], 1, 1, channels]), perPixel)];
    },
  });
}

/** ResNet's option A: every stride-th pixel, and zeros in the channels that the input lacks. */
export function shortcut<T>(ops: Ops<T>, input: Shape, output: Shape, stride: number): Layer<T> {
  const [channels, height, width] = input;
  const [outChannels, outHeight, outWidth] = output;
  const kept = Math.min(channels, outChannels);
  const pixel = { kernel: 1, stride, padding: 0 };
  const padChannels = (x: T, to: number) =>
    to === kept ? x : ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, to - kept]]); // prettier-ignore
  return ([x]) => {
    const image = toImage(ops, x, input);
    const batch = ops.shapeOf(image)[0];
    // Averages over windows of one pixel: ten times as fast as a slice with strides.
    const seen = ops.avgPool(image, pixel);
    const whole = [batch, outHeight, outWidth, kept];
    const pixels = kept === channels ? seen : ops.stridedSlice(seen, [0, 0, 0, 0], whole, [1, 1, 1, 1]);
    return {
      y: fromImage(ops, padChannels(pixels, outChannels), output),
      backward(dy) {
        const own = ops.stridedSlice(toImage(ops, dy, output), [0, 0, 0, 0], whole, [1, 1, 1, 1]);
        // Puts every pixel back where it came from, zeros between.
        const spread = ops.avgPoolGradient(own, [batch, height, width, kept], pixel);
        return [fromImage(ops, padChannels(spread, channels), input)];
      },
    };
  };
}
