import { fromCsr, toCsr } from './csr.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { decodeParts, encodeParts } from './safetensors-parts.ts';

/** As torch.sparse_csr_tensor calls them. */
const parts = ['crow_indices', 'col_indices', 'values'] as const;
const [rows, columns, entries] = parts;

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
    const chunks = encodeParts(model, 'csr', (parameter) => {
      const { indptr, indices, values } = toCsr(parameter);
      return {
        [rows]: { dtype: 'I32', shape: [indptr.length], data: indptr },
        [columns]: { dtype: 'I32', shape: [indices.length], data: indices },
        [entries]: { dtype: 'F32', shape: [values.length], data: values },
      };
    });
    return singleFile(file, ...chunks);
  },
  decode: ({ main }) =>
    decodeParts(main, parts, (name, shape, part) =>
      fromCsr(name, {
        rows: shape[0],
        columns: shape.slice(1).reduce((a, b) => a * b, 1),
        indptr: part[rows] as Int32Array,
        indices: part[columns] as Int32Array,
        values: part[entries] as Float32Array,
      }),
    ),
};
