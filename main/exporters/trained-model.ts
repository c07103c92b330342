import type { Graph, ParameterRole } from '../models/graph.ts';
import { countOnes } from '../topology/select.ts';

/** A network after training, free of any backend: what exporters write. */
export interface TrainedModel {
  graph: Graph;
  parameters: TrainedParameter[];
  /** Batch-norm statistics, `<node>.runningMean` and `<node>.runningVar`. */
  buffers: { name: string; values: Float32Array }[];
  /** Where it comes from: run, method, data set, seed, versions. Written into the file where the format has a place. */
  provenance: Record<string, string>;
}

/** A weight with its mask. */
export type SparseParameter = Required<TrainedParameter>;

export interface TrainedParameter {
  name: string;
  /** Linear [out, in]; convolution [out, in, kh, kw]; row-major. */
  shape: readonly number[];
  role: ParameterRole;
  /** Exactly 0 outside the mask. */
  values: Float32Array;
  /** 1 inside, 0 outside; absent for parameters that were never sparsified. */
  mask?: Uint8Array;
}

/** A dense tensor under the name it has in a file. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array;
}

/** The weights that have a mask. */
export const sparseParameters = ({ parameters }: TrainedModel): SparseParameter[] =>
  parameters.filter((parameter): parameter is SparseParameter => parameter.mask !== undefined);

/** A model's tensors under PyTorch's names, which differ from ours for batch-norm statistics only. */
export function namedTensors(model: TrainedModel): NamedTensor[] {
  return [
    ...model.parameters.map(({ name, shape, values }) => ({ name, shape, values })),
    ...model.buffers.map(({ name, values }) => ({ name: pytorchName(name), shape: [values.length], values })),
  ];
}

export const pytorchName = (buffer: string) =>
  buffer.replace(/\.runningMean$/, '.running_mean').replace(/\.runningVar$/, '.running_var');

/**
 * What a file says about itself: provenance, and as JSON the `densities` of the sparsified weights and the `graph`,
 * which rebuilds the network, input normalisation included. `format: pt` tells loaders that names and layouts are
 * PyTorch's.
 */
export function describeModel(model: TrainedModel, layout: string): Record<string, string> {
  const densities = sparseParameters(model).map(({ name, mask }) => [name, countOnes(mask) / mask.length]);
  return {
    ...model.provenance,
    format: 'pt',
    producer: 'Filigree',
    layout,
    densities: JSON.stringify(Object.fromEntries(densities)),
    graph: JSON.stringify(model.graph),
  };
}
