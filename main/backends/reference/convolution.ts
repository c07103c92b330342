import type { Shape } from '../../models/graph.ts';
import type { Layer } from './layer.ts';
import type { Parameter } from './parameter.ts';

/** Geometry of a convolution; a linear layer is a 1 x 1 convolution of a 1 x 1 image. */
export interface Geometry {
  input: Shape;
  output: Shape;
  kernel: readonly [number, number];
  stride: number;
  padding: number;
}

/** Neighbouring outputs of one row, and where in its plane the input lies that a tap multiplies for the first. */
interface Run {
  output: number;
  input: number;
  length: number;
}

/**
 * Convolution or linear layer. Weights [out][in][kh][kw]; all sums run in double precision. Weights of 0, which
 * includes all outside the mask, cost nothing in the forward pass and the input gradient.
 */
export function convolution(geometry: Geometry, weight: Parameter, bias: Parameter | undefined): Layer {
  const [inChannels, inHeight, inWidth] = geometry.input;
  const [outChannels, outHeight, outWidth] = geometry.output;
  const { stride } = geometry;
  const inPlane = inHeight * inWidth;
  const outPlane = outHeight * outWidth;
  const runs = runsByTap(geometry);
  const area = runs.length;

  return {
    forward([x], y, { batch }) {
      const sums = new Float64Array(batch * outPlane);
      for (let o = 0; o < outChannels; o++) {
        sums.fill(bias ? bias.value[o] : 0);
        for (let c = 0; c < inChannels; c++) {
          for (let k = 0; k < area; k++) {
            const w = weight.value[(o * inChannels + c) * area + k];
            if (w === 0) continue;
            for (const { output, input, length } of runs[k]) {
              for (let n = 0; n < batch; n++) {
                const from = (n * inChannels + c) * inPlane + input;
                const to = n * outPlane + output;
                for (let j = 0; j < length; j++) sums[to + j] += w * x[from + j * stride];
              }
            }
          }
        }
        for (let n = 0; n < batch; n++) {
          y.set(sums.subarray(n * outPlane, (n + 1) * outPlane), (n * outChannels + o) * outPlane);
        }
      }
    },

    backward([x], dy, [dx], { batch, gradients }) {
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < inChannels; c++) {
          for (let k = 0; k < area; k++) {
            const i = (o * inChannels + c) * area + k;
            if (!weight.hasGradient(i, gradients)) continue;
            let sum = 0;
            for (const { output, input, length } of runs[k]) {
              for (let n = 0; n < batch; n++) {
                const xAt = (n * inChannels + c) * inPlane + input;
                const dyAt = (n * outChannels + o) * outPlane + output;
                for (let j = 0; j < length; j++) sum += dy[dyAt + j] * x[xAt + j * stride];
              }
            }
            weight.gradient[i] += sum;
          }
        }
      }
      if (bias) addBiasGradient(dy, bias.gradient, batch);
      if (dx) addInputGradient(dy, dx, batch);
    },
  };

  function addBiasGradient(dy: Float32Array, gradient: Float32Array, batch: number): void {
    for (let o = 0; o < outChannels; o++) {
      let sum = 0;
      for (let n = 0; n < batch; n++) {
        const from = (n * outChannels + o) * outPlane;
        for (let j = 0; j < outPlane; j++) sum += dy[from + j];
      }
      gradient[o] += sum;
    }
  }

  function addInputGradient(dy: Float32Array, dx: Float32Array, batch: number): void {
    const sums = new Float64Array(batch * inPlane);
    for (let c = 0; c < inChannels; c++) {
      sums.fill(0);
      for (let o = 0; o < outChannels; o++) {
        for (let k = 0; k < area; k++) {
          const w = weight.value[(o * inChannels + c) * area + k];
          if (w === 0) continue;
          for (const { output, input, length } of runs[k]) {
            for (let n = 0; n < batch; n++) {
              const from = (n * outChannels + o) * outPlane + output;
              const to = n * inPlane + input;
              for (let j = 0; j < length; j++) sums[to + j * stride] += w * dy[from + j];
            }
          }
        }
      }
      for (let n = 0; n < batch; n++) {
        const to = (n * inChannels + c) * inPlane;
        for (let j = 0; j < inPlane; j++) dx[to + j] += sums[n * inPlane + j];
      }
    }
  }
}

/** For every tap (ky, kx) of the kernel, row-major: the outputs that it reaches inside the image. */
function runsByTap({ input, output, kernel, stride, padding }: Geometry): Run[][] {
  const [, inHeight, inWidth] = input;
  const [, outHeight, outWidth] = output;
  const taps: Run[][] = [];
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      const runs: Run[] = [];
      const [top, bottom] = reach(ky - padding, stride, inHeight, outHeight);
      const [left, right] = reach(kx - padding, stride, inWidth, outWidth);
      for (let oy = top; oy < bottom && left < right; oy++) {
        const inputRow = (oy * stride + ky - padding) * inWidth;
        runs.push({
          output: oy * outWidth + left,
          input: inputRow + left * stride + kx - padding,
          length: right - left,
        });
      }
      taps.push(runs);
    }
  }
  return taps;
}

/** The outputs o in [0, outSize) whose input o · stride + offset lies in [0, inSize), as [from, to). */
function reach(offset: number, stride: number, inSize: number, outSize: number): [number, number] {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(outSize, Math.floor((inSize - 1 - offset) / stride) + 1);
  return [from, to];
}
