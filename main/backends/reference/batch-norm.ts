import type { Shape } from '../../models/graph.ts';
import type { Layer } from './layer.ts';
import type { Parameter } from './parameter.ts';

export interface BatchNormState {
  gamma: Parameter;
  beta: Parameter;
  runningMean: Float32Array;
  runningVar: Float32Array;
}

/**
 * Batch normalisation per channel (arXiv 1502.03167) with PyTorch's conventions: the biased variance normalises,
 * the unbiased one enters the running variance, running ← (1 − momentum) · running + momentum · batch.
 */
export function batchNorm(
  [channels, height, width]: Shape,
  { epsilon, momentum }: { epsilon: number; momentum: number },
  { gamma, beta, runningMean, runningVar }: BatchNormState,
): Layer {
  const plane = height * width;
  const mean = new Float64Array(channels);
  const inverseStd = new Float64Array(channels);

  const forEachInChannel = (c: number, batch: number, visit: (i: number) => void) => {
    for (let n = 0; n < batch; n++) {
      const from = (n * channels + c) * plane;
      for (let i = from; i < from + plane; i++) visit(i);
    }
  };

  const sumInChannel = (c: number, batch: number, term: (i: number) => number) => {
    let sum = 0;
    for (let n = 0; n < batch; n++) {
      const from = (n * channels + c) * plane;
      for (let i = from; i < from + plane; i++) sum += term(i);
    }
    return sum;
  };

  const measure = (x: Float32Array, c: number, batch: number) => {
    const count = batch * plane;
    mean[c] = sumInChannel(c, batch, (i) => x[i]) / count;
    const squares = sumInChannel(c, batch, (i) => (x[i] - mean[c]) ** 2);
    inverseStd[c] = 1 / Math.sqrt(squares / count + epsilon);
    const unbiased = squares / Math.max(count - 1, 1);
    runningMean[c] = (1 - momentum) * runningMean[c] + momentum * mean[c];
    runningVar[c] = (1 - momentum) * runningVar[c] + momentum * unbiased;
  };

  return {
    forward([x], y, { batch, training }) {
      for (let c = 0; c < channels; c++) {
        if (training) measure(x, c, batch);
        else {
          mean[c] = runningMean[c];
          inverseStd[c] = 1 / Math.sqrt(runningVar[c] + epsilon);
        }
        const scale = gamma.value[c] * inverseStd[c];
        forEachInChannel(c, batch, (i) => (y[i] = (x[i] - mean[c]) * scale + beta.value[c]));
      }
    },

    backward([x], dy, [dx], { batch }) {
      const count = batch * plane;
      for (let c = 0; c < channels; c++) {
        const normalised = (i: number) => (x[i] - mean[c]) * inverseStd[c];
        const sum = sumInChannel(c, batch, (i) => dy[i]);
        const product = sumInChannel(c, batch, (i) => dy[i] * normalised(i));
        beta.gradient[c] += sum;
        gamma.gradient[c] += product;
        if (!dx) continue;
        const scale = gamma.value[c] * inverseStd[c];
        forEachInChannel(c, batch, (i) => {
          dx[i] += scale * (dy[i] - (sum + normalised(i) * product) / count);
        });
      }
    },
  };
}
