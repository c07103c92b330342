import type { CallError } from './contract.ts';

/** What a config that is being typed would mean. */
export interface RunPreview {
  /** Empty if the config can be trained. Each names its field, as `method.lambda`. */
  problems: CallError[];
  /** Undefined while a problem keeps the network from being built, or the data set's shape is not known. */
  network: NetworkPreview | undefined;
}

export interface NetworkPreview {
  parameters: number;
  /** Weights that the method may sparsify. */
  sparsifiable: number;
  /** Multiply-accumulates of one sample, dense. */
  macs: number;
  layers: LayerPreview[];
  stepsPerEpoch: number;
  totalSteps: number;
  flops: {
    /** Dense training over the same samples. */
    dense: number;
    /** Expected for this config; papers' convention. */
    expected: number;
    percentOfDense: number;
    /** Where the density is an outcome and not a setting, what was assumed. */
    assumption: string;
  };
  /** float32, dense; and CSR at the expected final density. */
  bytes: { dense: number; sparse: number };
}

export interface LayerPreview {
  name: string;
  shape: number[];
  size: number;
  macs: number;
  /** False where the layer stays dense. */
  sparse: boolean;
  /** Expected density at the start and at the end of training, 0..1; NaN where it is an outcome of training. */
  startDensity: number;
  endDensity: number;
}
