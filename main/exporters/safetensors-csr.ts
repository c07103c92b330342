import { decodeSafetensors, encodeSafetensorsChunks, type Tensor } from '../../shared/safetensors.ts';
import { fromCsr, toCsr } from './csr.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { describeModel, namedTensors, sparseParameters } from './trained-model.ts';

/** safetensors has no sparse tensors: a weight `w` becomes three, and `w.shape` in the metadata. */
const parts = { indptr: 'crow_indices', indices: 'col_indices', values: 'values' } as const;

export const safetensorsCsr: Exporter = {
  id: 'safetensors-csr',
  title: 'safetensors, compressed rows',
  group: 'sparse',
  summary:
    'Sparse weights as crow_indices, col_indices and values, ready for torch.sparse_csr_tensor; convolutions as ' +
    'matrices [out, in·kh·kw]. Everything else dense.',
  extension: '.safetensors',
  snippet: {
    language: 'python',
    code: `import json
import torch
from safetensors import safe_open

state = {}
with safe_open("{file}", framework="pt") as f:
    metadata = f.metadata()
    for name in f.keys():
        layer, _, part = name.rpartition(".")
        if part == "crow_indices":
            shape = json.loads(metadata[layer + ".shape"])
            state[layer] = torch.sparse_csr_tensor(
                f.get_tensor(name),
                f.get_tensor(layer + ".col_indices"),
                f.get_tensor(layer + ".values"),
                size=(shape[0], torch.Size(shape[1:]).numel()),
                check_invariants=True,
            )
        elif part not in ("col_indices", "values"):
            state[name] = f.get_tensor(name)

for name, tensor in state.items():
    print(f"{name:32} {tuple(tensor.shape)} {tensor.layout}")`,
  },
  encode(model, file) {
    const sparse = new Map(sparseParameters(model).map((parameter) => [parameter.name, parameter]));
    const metadata = describeModel(model, 'csr');
    const tensors: Tensor[] = [];
    for (const { name, shape, values } of namedTensors(model)) {
      const parameter = sparse.get(name);
      if (!parameter) {
        tensors.push({ name, dtype: 'F32', shape: [...shape], data: values });
        continue;
      }
      const csr = toCsr(parameter);
      const push = (part: keyof typeof parts, dtype: 'I32' | 'F32') =>
        tensors.push({ name: `${name}.${parts[part]}`, dtype, shape: [csr[part].length], data: csr[part] });
      push('indptr', 'I32');
      push('indices', 'I32');
      push('values', 'F32');
      metadata[`${name}.shape`] = JSON.stringify(shape);
    }
    return singleFile(file, ...encodeSafetensorsChunks(tensors, metadata));
  },
  decode({ main }) {
    const { tensors, metadata } = decodeSafetensors(main);
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const take = (name: string, part: keyof typeof parts) => {
      const key = `${name}.${parts[part]}`;
      const data = byName.get(key)?.data;
      if (!data) throw new Error(`the tensor ${key} is missing`);
      byName.delete(key);
      return data;
    };
    const sparse = Object.entries(metadata)
      .filter(([key]) => byName.has(key.replace(/\.shape$/, `.${parts.indptr}`)))
      .map(([key, text]) => {
        const name = key.replace(/\.shape$/, '');
        const shape = JSON.parse(text) as number[];
        const values = fromCsr(name, {
          rows: shape[0],
          columns: shape.slice(1).reduce((a, b) => a * b, 1),
          indptr: take(name, 'indptr') as Int32Array,
          indices: take(name, 'indices') as Int32Array,
          values: take(name, 'values') as Float32Array,
        });
        return { name, shape, values };
      });
    const dense = [...byName.values()].map(({ name, shape, data }) => ({
      name,
      shape,
      values: data as Float32Array,
    }));
    return [...sparse, ...dense];
  },
};
