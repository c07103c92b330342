import { degrees } from '../topology/statistics.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { decodeParts, encodeParts } from './safetensors-parts.ts';
import type { SparseParameter } from './trained-model.ts';

const parts = ['values', 'indices', 'fan_in'] as const;

/**
 * The condensed matrix of SRigL (arXiv 2305.02299, section 3.2): where every unit has k inputs, a weight [out, in] is
 * `w.values` [out, k] and `w.indices` [out, k], the input of each value. Here k is the largest fan-in of the layer;
 * `w.fan_in` [out] says how many entries of a row count. The rest of a row has value 0 and index 0, so that
 * y[o] = Σ_j values[o, j] · x[indices[o, j]] holds without looking at it. A layer stays dense where 2k > in, which
 * takes less space.
 */
export const condensed: Exporter = {
  id: 'condensed',
  title: 'Condensed fan-in',
  group: 'sparse',
  summary:
    'safetensors with values and indices [out, k] for layers whose units have at most k inputs (constant fan-in, as ' +
    'SRigL trains it); a layer with k above half its inputs stays dense. Convolutions as matrices [out, in·kh·kw].',
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
        if layer + ".shape" not in metadata:
            state[name] = f.get_tensor(name)
        elif part == "values":
            values = f.get_tensor(name)
            indices = f.get_tensor(layer + ".indices").long()
            # A linear layer without its bias: (x[:, indices] * values).sum(-1)
            rows, *rest = json.loads(metadata[layer + ".shape"])
            dense = torch.zeros(rows, torch.Size(rest).numel())
            state[layer] = dense.scatter_add_(1, indices, values)

for name, tensor in state.items():
    print(f"{name:32} {tuple(tensor.shape)} {int((tensor != 0).sum())} non-zeros")`,
  },
  encode: (model, file) => singleFile(file, ...encodeParts(model, 'condensed', condense)),
  decode: ({ main }) =>
    decodeParts(main, parts, (name, shape, part) => {
      const columns = shape.slice(1).reduce((a, b) => a * b, 1);
      const dense = new Float32Array(shape[0] * columns);
      const k = part.values.length / shape[0];
      part.fan_in.forEach((count: number | bigint, row: number) => {
        for (let at = row * k; at < row * k + Number(count); at++) {
          const column = Number(part.indices[at]);
          if (!(column < columns)) throw new Error(`${name} has an index ${column} of ${columns} inputs`);
          dense[row * columns + column] = Number(part.values[at]);
        }
      });
      return dense;
    }),
};

function condense({ shape, values, mask }: SparseParameter) {
  const [rows] = shape;
  const columns = values.length / rows;
  const fanIn = Int32Array.from(degrees(mask, rows, columns).rows);
  const k = Math.max(...fanIn);
  if (2 * k > columns) return undefined;
  const condensed = { values: new Float32Array(rows * k), indices: new Int32Array(rows * k) };
  for (let row = 0; row < rows; row++) {
    let at = row * k;
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      if (!mask[i]) continue;
      condensed.values[at] = values[i];
      condensed.indices[at++] = column;
    }
  }
  return {
    values: { dtype: 'F32' as const, shape: [rows, k], data: condensed.values },
    indices: { dtype: 'I32' as const, shape: [rows, k], data: condensed.indices },
    fan_in: { dtype: 'I32' as const, shape: [rows], data: fanIn },
  };
}
