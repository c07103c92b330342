import {
  decodeSafetensors,
  encodeSafetensorsChunks,
  type Tensor,
  type TensorData,
} from '../../shared/safetensors.ts';
import {
  describeModel,
  namedTensors,
  sparseParameters,
  type NamedTensor,
  type SparseParameter,
  type TrainedModel,
} from './trained-model.ts';

/**
 * safetensors has no sparse tensors: a weight `w` becomes several dense ones, `w.<part>`, and its shape goes into the
 * metadata as `w.shape`, a JSON list.
 * @param split the parts of a weight, or undefined to leave it dense
 */
export function encodeParts(
  model: TrainedModel,
  layout: string,
  split: (parameter: SparseParameter) => Record<string, Omit<Tensor, 'name'>> | undefined,
): Uint8Array[] {
  const sparse = new Map(sparseParameters(model).map((parameter) => [parameter.name, parameter]));
  const metadata = describeModel(model, layout);
  const tensors = namedTensors(model).flatMap(({ name, shape, values }): Tensor[] => {
    const parameter = sparse.get(name);
    const parts = parameter && split(parameter);
    if (!parts) return [{ name, dtype: 'F32', shape: [...shape], data: values }];
    metadata[`${name}.shape`] = JSON.stringify(shape);
    return Object.entries(parts).map(([part, tensor]) => ({ name: `${name}.${part}`, ...tensor }));
  });
  return encodeSafetensorsChunks(tensors, metadata);
}

/**
 * @param names of the parts that a weight has
 * @param join a weight's parts, by name, as a dense tensor
 * @throws Error naming the part that is missing
 */
export function decodeParts(
  file: Uint8Array,
  names: readonly string[],
  join: (name: string, shape: readonly number[], parts: Record<string, TensorData>) => Float32Array,
): NamedTensor[] {
  const { tensors, metadata } = decodeSafetensors(file);
  const rest = new Map(tensors.map(({ name, shape, data }) => [name, { name, shape, data }]));
  const take = (name: string): TensorData => {
    const data = rest.get(name)?.data;
    if (!data) throw new Error(`the tensor ${name} is missing`);
    rest.delete(name);
    return data;
  };
  const joined = Object.entries(metadata)
    .map(([key, text]) => ({ name: key.replace(/\.shape$/, ''), text }))
    .filter(({ name }) => rest.has(`${name}.${names[0]}`))
    .map(({ name, text }) => {
      const shape = JSON.parse(text) as number[];
      const parts = Object.fromEntries(names.map((part) => [part, take(`${name}.${part}`)]));
      return { name, shape, values: join(name, shape, parts) };
    });
  const dense = [...rest.values()].map(({ name, shape, data }) => ({
    ...{ name, shape },
    values: data as Float32Array,
  }));
  return [...joined, ...dense];
}
