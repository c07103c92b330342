import { forEachOne, type BitMatrix } from './bits.ts';

/** Sparsity of a convolution at the levels that hardware and pruning care about. */
export interface FilterSummary {
  filters: number;
  emptyFilters: number;
  channels: number;
  emptyChannels: number;
  kernels: number;
  emptyKernels: number;
  /** Kernels by number of weights, 0 … kh·kw. */
  kernelCounts: number[];
  /** Weights of every kernel, [output][input]. */
  kernelWeights: Uint16Array;
  /** Weights at every position of the kernels, [kh][kw]. */
  tapWeights: Uint32Array;
}

/** @param shape [out, in, kh, kw] */
export function summarizeFilters(mask: BitMatrix, shape: readonly number[]): FilterSummary {
  const [filters, channels, kh, kw] = shape;
  const taps = kh * kw;
  const kernelWeights = new Uint16Array(filters * channels);
  const tapWeights = new Uint32Array(taps);
  forEachOne(mask, (row, column) => {
    kernelWeights[row * channels + Math.floor(column / taps)]++;
    tapWeights[column % taps]++;
  });
  const perFilter = new Uint32Array(filters);
  const perChannel = new Uint32Array(channels);
  const kernelCounts = new Array<number>(taps + 1).fill(0);
  kernelWeights.forEach((weights, kernel) => {
    kernelCounts[weights]++;
    perFilter[Math.floor(kernel / channels)] += weights;
    perChannel[kernel % channels] += weights;
  });
  const empty = (counts: Uint32Array) => counts.reduce((sum, n) => sum + (n === 0 ? 1 : 0), 0);
  return {
    filters,
    emptyFilters: empty(perFilter),
    channels,
    emptyChannels: empty(perChannel),
    kernels: kernelWeights.length,
    emptyKernels: kernelCounts[0],
    kernelCounts,
    kernelWeights,
    tapWeights,
  };
}
