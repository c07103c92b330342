import type { Shape } from '../../models/graph.ts';
import { dropoutKeeps } from '../dropout.ts';
import type { Layer } from './layer.ts';

export function relu(size: number): Layer {
  return {
    forward([x], y, { batch }) {
      // Written so that NaN stays NaN: a diverged network must not look healthy.
      for (let i = 0; i < batch * size; i++) y[i] = x[i] < 0 ? 0 : x[i];
    },
    backward([x], dy, [dx], { batch }) {
      if (!dx) return;
      for (let i = 0; i < batch * size; i++) if (x[i] > 0) dx[i] += dy[i];
    },
  };
}

/** Copies: samples are stored in CHW order already. */
export function flatten(size: number): Layer {
  return {
    forward([x], y, { batch }) {
      y.set(x.subarray(0, batch * size));
    },
    backward(_, dy, [dx], { batch }) {
      if (dx) addTo(dx, dy, batch * size);
    },
  };
}

export function add(size: number): Layer {
  return {
    forward([a, b], y, { batch }) {
      for (let i = 0; i < batch * size; i++) y[i] = a[i] + b[i];
    },
    backward(_, dy, dx, { batch }) {
      for (const target of dx) if (target) addTo(target, dy, batch * size);
    },
  };
}

function addTo(target: Float32Array, source: Float32Array, size: number): void {
  for (let i = 0; i < size; i++) target[i] += source[i];
}

/** ResNet's option A: every stride-th pixel, and zeros in the channels that the input lacks. */
export function shortcut([channels, height, width]: Shape, output: Shape, stride: number): Layer {
  const [outChannels, outHeight, outWidth] = output;
  const forEachKept = (batch: number, visit: (to: number, from: number) => void) => {
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < Math.min(channels, outChannels); c++) {
        for (let y = 0; y < outHeight; y++) {
          const to = ((n * outChannels + c) * outHeight + y) * outWidth;
          const from = ((n * channels + c) * height + y * stride) * width;
          for (let x = 0; x < outWidth; x++) visit(to + x, from + x * stride);
        }
      }
    }
  };
  return {
    forward([x], y, { batch }) {
      y.fill(0, 0, batch * outChannels * outHeight * outWidth);
      forEachKept(batch, (to, from) => (y[to] = x[from]));
    },
    backward(_, dy, [dx], { batch }) {
      if (dx) forEachKept(batch, (to, from) => (dx[from] += dy[to]));
    },
  };
}

/**
 * Inverted dropout (JMLR 15, 2014): drops with probability `rate` in training and scales the rest by 1/(1 − rate).
 * @param index of the layer in its graph; with the pass's seed it determines the masks on every backend
 */
export function dropout(size: number, rate: number, index: number): Layer {
  const scale = 1 / (1 - rate);
  const forEachKept = (batch: number, seed: number, visit: (i: number) => void) => {
    for (let n = 0; n < batch; n++) {
      for (let f = 0; f < size; f++) {
        if (dropoutKeeps(rate, seed, index, f, n)) visit(n * size + f);
      }
    }
  };
  return {
    forward([x], y, { batch, training, dropoutSeed }) {
      if (!training) {
        y.set(x.subarray(0, batch * size));
        return;
      }
      y.fill(0, 0, batch * size);
      forEachKept(batch, dropoutSeed, (i) => (y[i] = x[i] * scale));
    },
    backward(_, dy, [dx], { batch, dropoutSeed }) {
      if (dx) forEachKept(batch, dropoutSeed, (i) => (dx[i] += dy[i] * scale));
    },
  };
}
