import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../../main/exporters/export-model.ts';
import type { Exporter } from '../../../../main/exporters/exporter.ts';
import { exporterById, exporters } from '../../../../main/exporters/registry.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { Random } from '../../../../shared/random.ts';

/** A convolution, its batch norm and a linear layer; the linear weight has an empty row and an active zero. */
function smallModel(): TrainedModel {
  const random = new Random(7);
  const sparse = (name: string, shape: number[], density: number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const mask = Uint8Array.from({ length: size }, () => Number(random.uniform() < density));
    const values = Float32Array.from(mask, (inside) => (inside ? random.uniform() - 0.5 : 0));
    return { name, shape, role: 'weight' as const, values, mask };
  };
  const dense = (name: string, role: 'bias' | 'scale' | 'shift', size: number) => {
    return { name, shape: [size], role, values: Float32Array.from({ length: size }, () => random.uniform()) };
  };
  const conv = sparse('conv1.weight', [4, 3, 5, 5], 0.3);
  const linear = sparse('fc.weight', [10, 64], 0.1);
  linear.mask.fill(0, 0, 64);
  linear.values.fill(0, 0, 64);
  linear.mask[70] = 1;
  linear.values[70] = 0;
  return {
    graph: {
      input: { shape: [3, 8, 8], scale: [1, 1, 1], shift: [0, 0, 0] },
      nodes: [
        {
          name: 'conv1',
          op: { kind: 'conv2d', outputs: 4, kernel: [5, 5], stride: 1, padding: 0, bias: false },
          inputs: ['input'],
        },
        { name: 'bn1', op: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 }, inputs: ['conv1'] },
        { name: 'flatten', op: { kind: 'flatten' }, inputs: ['bn1'] },
        { name: 'fc', op: { kind: 'linear', outputs: 10, bias: true }, inputs: ['flatten'] },
      ],
      classes: 10,
    },
    parameters: [
      conv,
      dense('bn1.weight', 'scale', 4),
      dense('bn1.bias', 'shift', 4),
      linear,
      dense('fc.bias', 'bias', 10),
    ],
    buffers: [
      { name: 'bn1.runningMean', values: Float32Array.of(0, -0, 1e-40, 3) },
      { name: 'bn1.runningVar', values: Float32Array.of(1, 1, 2, 0.5) },
    ],
    provenance: { run: '01JD', method: 'rigl', seed: '7' },
  };
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-export-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(exporters.map((exporter) => [exporter.id, exporter] as const))('%s', (_, exporter) => {
  test('reads back equal, and the report counts what is in the masks', async () => {
    const model = smallModel();
    const path = join(folder, `model${exporter.extension}`);
    const report = await exportModel(exporter, model, path);
    const nnz = model.parameters.reduce((sum, { mask }) => sum + (mask?.reduce((a, b) => a + b, 0) ?? 0), 0);
    expect(report).toMatchObject({ format: exporter.id, path, nnz, weights: 940, density: nnz / 940 });
    expect(report.files[0].path).toBe(path);
    expect(readdirSync(folder).sort()).toEqual(report.files.map((file) => basename(file.path)).sort());
    expect(report.bytes).toBe(report.files.reduce((sum, file) => sum + readFileSync(file.path).length, 0));
  });

  test('the same model gives the same bytes', () => {
    const bytes = () => Buffer.concat(exporter.encode(smallModel(), 'm').flatMap(({ chunks }) => chunks));
    expect(bytes().equals(bytes())).toBe(true);
  });

  test('a model without sparse weights', async () => {
    const model = smallModel();
    for (const parameter of model.parameters) delete parameter.mask;
    const report = await exportModel(exporter, model, join(folder, 'dense'));
    expect(report.nnz).toBe(940);
  });

  test('an encoder that loses a bit is found out, and nothing gets the name', async () => {
    const model = smallModel();
    const lossy: Exporter = {
      ...exporter,
      encode: (_, name) => {
        const other = smallModel();
        other.parameters[4].values[0] += 1e-6;
        return exporter.encode(other, name);
      },
    };
    await expect(exportModel(lossy, model, join(folder, 'model'))).rejects.toThrow(
      /fc\.bias did not read back/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('an existing file is refused, and replaced only on request', async () => {
  const path = join(folder, 'model.npz');
  writeFileSync(path, 'precious');
  const exporter = exporterById('npz');
  await expect(exportModel(exporter, smallModel(), path)).rejects.toMatchObject({ code: 'file-exists' });
  expect(readFileSync(path, 'utf8')).toBe('precious');
  await exportModel(exporter, smallModel(), path, { overwrite: true });
  expect(readFileSync(path, 'latin1').startsWith('PK')).toBe(true);
});

test('a weight outside its mask is refused by name', async () => {
  const model = smallModel();
  model.parameters[3].values[3] = 0.5;
  await expect(exportModel(exporterById('scipy-csr'), model, join(folder, 'm'))).rejects.toThrow(
    /fc\.weight\[0, 3\]/,
  );
});

test('an unknown format names the accepted ones', () => {
  expect(() => exporterById('pickle')).toThrow(/"pickle".*safetensors, safetensors-csr, npz, scipy-csr/);
});

const modules = 'import numpy, scipy.sparse, safetensors.numpy';
const hasPython = spawnSync('python3', ['-c', modules]).status === 0;
if (!hasPython)
  console.warn('python3 with numpy, scipy and safetensors is not here: exports are not compared with them');
const hasTorch = hasPython && spawnSync('python3', ['-c', 'import torch, safetensors.torch']).status === 0;
if (!hasTorch) console.warn('python3 with torch is not here: exports are not loaded with it');

/** Exports, runs a script that fills `tensors` from the file, and compares those with the model, bit for bit. */
async function expectPythonReads(format: string, script: string): Promise<void> {
  const model = smallModel();
  const path = join(folder, 'model');
  await exportModel(exporterById(format), model, path);
  const program = `import sys, json, numpy as np
path = sys.argv[1]
${script}
print(json.dumps({k: [list(v.shape), str(v.dtype), np.ascontiguousarray(v).tobytes().hex()] for k, v in tensors.items()}))`;
  const output = execFileSync('python3', ['-c', program, path], { encoding: 'utf8' });
  const hex = (values: Float32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
  const asMatrix = script.includes('csr') || script.includes('load_npz');
  const expected = Object.fromEntries([
    ...model.parameters.map(({ name, shape, values }) => {
      const matrix = asMatrix && shape.length === 4 ? [shape[0], values.length / shape[0]] : shape;
      return [name, [matrix, 'float32', hex(values)]];
    }),
    ['bn1.running_mean', [[4], 'float32', hex(model.buffers[0].values)]],
    ['bn1.running_var', [[4], 'float32', hex(model.buffers[1].values)]],
  ]);
  expect(JSON.parse(output)).toEqual(expected);
}

describe.skipIf(!hasPython)(
  'Python reads the same bits (skipped without numpy, scipy and safetensors)',
  () => {
    test('safetensors.numpy', () =>
      expectPythonReads('safetensors', 'from safetensors.numpy import load_file\ntensors = load_file(path)'));

    test('numpy.load', () =>
      expectPythonReads(
        'npz',
        `z = np.load(path)
assert json.loads(z['metadata.json'])['method'] == 'rigl'
tensors = {k: z[k] for k in z.files if k != 'metadata.json'}`,
      ));

    test('scipy.sparse.load_npz on each weight', () =>
      expectPythonReads(
        'scipy-csr',
        `import zipfile, scipy.sparse as sp
z = zipfile.ZipFile(path)
tensors = dict(np.load(z.open('dense.npz')))
for name in z.namelist():
    if name.endswith('.weight.npz') and name != 'dense.npz':
        m = sp.load_npz(z.open(name))
        assert m.format == 'csr' and m.has_sorted_indices
        tensors[name[:-4]] = m.toarray()`,
      ));
  },
);

describe.skipIf(!hasTorch)('PyTorch reads the same bits (skipped without torch)', () => {
  test('safetensors-csr through torch.sparse_csr_tensor', () =>
    expectPythonReads(
      'safetensors-csr',
      `import torch
from safetensors import safe_open
with safe_open(path, framework='pt') as f:
    meta = f.metadata()
    raw = {k: f.get_tensor(k) for k in f.keys()}
assert meta['layout'] == 'csr' and meta['seed'] == '7'
tensors = {k: v.numpy() for k, v in raw.items() if not k.endswith(('.crow_indices', '.col_indices', '.values'))}
for key in [k for k in meta if k.endswith('.shape')]:
    name, shape = key[:-6], json.loads(meta[key])
    m = torch.sparse_csr_tensor(raw[name + '.crow_indices'], raw[name + '.col_indices'], raw[name + '.values'],
                                (shape[0], int(np.prod(shape[1:]))), check_invariants=True)
    tensors[name] = m.to_dense().numpy()`,
    ));

  test('a state dict that a torch module takes', () =>
    expectPythonReads(
      'safetensors',
      `import torch
from collections import OrderedDict
from safetensors.torch import load_file
net = torch.nn.Sequential(OrderedDict(conv1=torch.nn.Conv2d(3, 4, 5, bias=False), bn1=torch.nn.BatchNorm2d(4),
                                      flatten=torch.nn.Flatten(), fc=torch.nn.Linear(64, 10)))
missing, unexpected = net.load_state_dict(load_file(path), strict=False)
assert set(missing) <= {'bn1.num_batches_tracked'} and not unexpected, (missing, unexpected)
tensors = {k: v.numpy() for k, v in net.state_dict().items() if 'num_batches' not in k}`,
    ));

  test.each(exporters.map((exporter) => [exporter.id, exporter] as const))(
    'the snippet of %s loads every tensor',
    async (_, exporter) => {
      const path = join(folder, 'model');
      await exportModel(exporter, smallModel(), path);
      const check =
        'import sys; print(sorted(state), {k: tuple(v.shape) for k, v in state.items()}, file=sys.stderr)';
      const code = `${exporter.snippet.code.replace('{file}', path)}\n${check}`;
      const { status, stderr } = spawnSync('python3', ['-c', code], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      for (const name of ['conv1.weight', 'bn1.running_mean', 'bn1.bias', 'fc.weight', 'fc.bias'])
        expect(stderr).toContain(`'${name}'`);
      expect(stderr).toContain("'fc.weight': (10, 64)");
    },
  );
});
