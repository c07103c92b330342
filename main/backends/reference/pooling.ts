import type { Shape } from '../../models/graph.ts';
import type { Layer } from './layer.ts';

interface Window {
  kernel: number;
  stride: number;
  padding: number;
}

/** Calls `visit` for every pixel (flat index, row-major) of the window of one output, padding left out. */
type Windows = (oy: number, ox: number, visit: (pixel: number) => void) => void;

function windows([, height, width]: Shape, { kernel, stride, padding }: Window): Windows {
  return (oy, ox, visit) => {
    const top = oy * stride - padding;
    const left = ox * stride - padding;
    for (let y = Math.max(top, 0); y < Math.min(top + kernel, height); y++) {
      for (let x = Math.max(left, 0); x < Math.min(left + kernel, width); x++) visit(y * width + x);
    }
  };
}

/** Max pooling; padding counts as −∞ and of several maxima the first in row-major order takes the gradient. */
export function maxPool(input: Shape, output: Shape, window: Window): Layer {
  const [channels, outHeight, outWidth] = output;
  const inPlane = input[1] * input[2];
  const inWindow = windows(input, window);
  /** Where each output came from, in the input of the last forward pass. */
  let source = new Int32Array(0);
  return {
    forward([x], y, { batch }) {
      const size = batch * channels * outHeight * outWidth;
      if (source.length < size) source = new Int32Array(size);
      let o = 0;
      for (let plane = 0; plane < batch * channels; plane++) {
        for (let oy = 0; oy < outHeight; oy++) {
          for (let ox = 0; ox < outWidth; ox++, o++) {
            let best = -1;
            inWindow(oy, ox, (pixel) => {
              const i = plane * inPlane + pixel;
              if (best < 0 || x[i] > x[best]) best = i;
            });
            y[o] = x[best];
            source[o] = best;
          }
        }
      }
    },
    backward(_, dy, [dx], { batch }) {
      if (!dx) return;
      for (let o = 0; o < batch * channels * outHeight * outWidth; o++) dx[source[o]] += dy[o];
    },
  };
}

/** Average pooling; divides by the whole kernel area, padding included. */
export function avgPool(input: Shape, output: Shape, window: Window): Layer {
  const [channels, outHeight, outWidth] = output;
  const inPlane = input[1] * input[2];
  const area = window.kernel ** 2;
  const inWindow = windows(input, window);
  const forEachOutput = (
    batch: number,
    visit: (o: number, plane: number, oy: number, ox: number) => void,
  ) => {
    let o = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) visit(o++, plane, oy, ox);
      }
    }
  };
  return {
    forward([x], y, { batch }) {
      forEachOutput(batch, (o, plane, oy, ox) => {
        let sum = 0;
        inWindow(oy, ox, (pixel) => (sum += x[plane * inPlane + pixel]));
        y[o] = sum / area;
      });
    },
    backward(_, dy, [dx], { batch }) {
      if (!dx) return;
      forEachOutput(batch, (o, plane, oy, ox) => {
        inWindow(oy, ox, (pixel) => (dx[plane * inPlane + pixel] += dy[o] / area));
      });
    },
  };
}

/** The mean of every channel. */
export function globalAvgPool([channels, height, width]: Shape): Layer {
  const plane = height * width;
  return {
    forward([x], y, { batch }) {
      for (let p = 0; p < batch * channels; p++) {
        let sum = 0;
        for (let i = p * plane; i < (p + 1) * plane; i++) sum += x[i];
        y[p] = sum / plane;
      }
    },
    backward(_, dy, [dx], { batch }) {
      if (!dx) return;
      for (let i = 0; i < batch * channels * plane; i++) dx[i] += dy[Math.floor(i / plane)] / plane;
    },
  };
}
