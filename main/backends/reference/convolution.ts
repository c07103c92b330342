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

/** Calls `visit` for every run of neighbouring outputs that one tap of the kernel reaches inside the image. */
type Runs = (ky: number, kx: number, visit: (output: number, input: number, length: number) => void) => void;

/**
 * Convolution or linear layer. Weights [out][in][kh][kw]; all sums run in double precision. Weights of 0, which
 * includes all outside the mask, cost nothing in the forward pass and the input gradient.
 */
export function convolution(geometry: Geometry, weight: Parameter, bias: Parameter | undefined): Layer {
  const [inChannels, inHeight, inWidth] = geometry.input;
  const [outChannels, outHeight, outWidth] = geometry.output;
  const [kernelHeight, kernelWidth] = geometry.kernel;
  const { stride } = geometry;
  const inPlane = inHeight * inWidth;
  const outPlane = outHeight * outWidth;
  const runs = runsOf(geometry);

  /** Calls `visit` with the flat index of every weight between an output and an input channel. */
  const taps = (o: number, c: number, visit: (i: number, ky: number, kx: number) => void) => {
    let i = (o * inChannels + c) * kernelHeight * kernelWidth;
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) visit(i++, ky, kx);
    }
  };

  return {
    forward([x], y, { batch }) {
      const sums = new Float64Array(batch * outPlane);
      for (let o = 0; o < outChannels; o++) {
        sums.fill(bias ? bias.value[o] : 0);
        for (let c = 0; c < inChannels; c++) {
          taps(o, c, (i, ky, kx) => {
            const w = weight.value[i];
            if (w === 0) return;
            runs(ky, kx, (output, input, length) => {
              for (let n = 0; n < batch; n++) {
                const from = (n * inChannels + c) * inPlane + input;
                const to = n * outPlane + output;
                for (let j = 0; j < length; j++) sums[to + j] += w * x[from + j * stride];
              }
            });
          });
        }
        for (let n = 0; n < batch; n++) {
          y.set(sums.subarray(n * outPlane, (n + 1) * outPlane), (n * outChannels + o) * outPlane);
        }
      }
    },

    backward([x], dy, [dx], { batch, gradients }) {
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < inChannels; c++) {
          taps(o, c, (i, ky, kx) => {
            if (!weight.hasGradient(i, gradients)) return;
            let sum = 0;
            runs(ky, kx, (output, input, length) => {
              for (let n = 0; n < batch; n++) {
                const xAt = (n * inChannels + c) * inPlane + input;
                const dyAt = (n * outChannels + o) * outPlane + output;
                for (let j = 0; j < length; j++) sum += dy[dyAt + j] * x[xAt + j * stride];
              }
            });
            weight.gradient[i] += sum;
          });
        }
        if (bias) {
          let sum = 0;
          for (let n = 0; n < batch; n++) {
            const from = (n * outChannels + o) * outPlane;
            for (let j = 0; j < outPlane; j++) sum += dy[from + j];
          }
          bias.gradient[o] += sum;
        }
      }
      if (dx) inputGradient(dy, dx, batch);
    },
  };

  function inputGradient(dy: Float32Array, dx: Float32Array, batch: number): void {
    const sums = new Float64Array(batch * inPlane);
    for (let c = 0; c < inChannels; c++) {
      sums.fill(0);
      for (let o = 0; o < outChannels; o++) {
        taps(o, c, (i, ky, kx) => {
          const w = weight.value[i];
          if (w === 0) return;
          runs(ky, kx, (output, input, length) => {
            for (let n = 0; n < batch; n++) {
              const from = (n * outChannels + o) * outPlane + output;
              const to = n * inPlane + input;
              for (let j = 0; j < length; j++) sums[to + j * stride] += w * dy[from + j];
            }
          });
        });
      }
      for (let n = 0; n < batch; n++) {
        const to = (n * inChannels + c) * inPlane;
        for (let j = 0; j < inPlane; j++) dx[to + j] += sums[n * inPlane + j];
      }
    }
  }
}

function runsOf({ input, output, stride, padding }: Geometry): Runs {
  const [, inHeight, inWidth] = input;
  const [, outHeight, outWidth] = output;
  return (ky, kx, visit) => {
    const [top, bottom] = reach(ky - padding, stride, inHeight, outHeight);
    const [left, right] = reach(kx - padding, stride, inWidth, outWidth);
    if (right <= left) return;
    for (let oy = top; oy < bottom; oy++) {
      const iy = oy * stride + ky - padding;
      visit(oy * outWidth + left, iy * inWidth + left * stride + kx - padding, right - left);
    }
  };
}

/** The outputs o in [0, outSize) whose input o · stride + offset lies in [0, inSize), as [from, to). */
function reach(offset: number, stride: number, inSize: number, outSize: number): [number, number] {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(outSize, Math.floor((inSize - 1 - offset) / stride) + 1);
  return [from, to];
}
