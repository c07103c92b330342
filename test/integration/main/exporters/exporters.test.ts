import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../../main/exporters/export-model.ts';
import { RuntimeMissing, type Exporter } from '../../../../main/exporters/exporter.ts';
import { exporterById, exporters } from '../../../../main/exporters/registry.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { Random } from '../../../../shared/random.ts';
import { randomModel, registryGraph } from '../../../support/trained-models.ts';

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

const each = describe.each(exporters.map((exporter) => [exporter.id, exporter] as const));

each('%s', (_, exporter) => {
  test('is checked, reads back equal, and the report counts what is in the masks', async () => {
    const model = smallModel();
    const path = join(folder, `model${exporter.extension}`);
    const report = await exportModel(exporter, model, path);
    const nnz = model.parameters.reduce((sum, { mask }) => sum + (mask?.reduce((a, b) => a + b, 0) ?? 0), 0);
    expect(report).toMatchObject({ format: exporter.id, path, nnz, weights: 940, density: nnz / 940 });
    expect(report.files[0].path).toBe(path);
    expect(readdirSync(folder).sort()).toEqual(report.files.map((file) => basename(file.path)).sort());
    expect(report.bytes).toBe(report.files.reduce((sum, file) => sum + readFileSync(file.path).length, 0));
    if (exporter.holds) expect(report.check).toEqual({ arrays: 2, nonzero: expect.any(Number) });
    else {
      expect(report.check.arrays).toBe(7);
      const { samples, source, maxDifference, tolerance } = report.check.forward!;
      expect({ samples, source }).toEqual({ samples: 32, source: 'seeded noise' });
      expect(maxDifference).toBeLessThanOrEqual(1e-5);
      expect(tolerance).toBeLessThan(1e-3);
    }
  });

  test('the same model and name give the same bytes', () => {
    const bytes = () =>
      exporter.encode(smallModel(), 'm').map(({ name, chunks }) => [name, Buffer.concat(chunks)]);
    expect(bytes()).toEqual(bytes());
  });

  test('a model without sparse weights', async () => {
    const model = smallModel();
    for (const parameter of model.parameters) delete parameter.mask;
    const report = await exportModel(exporter, model, join(folder, 'dense'));
    expect(report.nnz).toBe(940);
  });

  test('a layer without any weight', async () => {
    const model = smallModel();
    for (const { mask, values } of model.parameters.slice(3, 4)) {
      mask!.fill(0);
      values.fill(0);
    }
    const report = await exportModel(exporter, model, join(folder, 'empty'));
    expect(report.nnz).toBe(model.parameters[0].mask!.reduce((a, b) => a + b, 0));
  });

  test('an encoder that loses a weight is found out, and nothing gets the name', async () => {
    const lossy: Exporter = {
      ...exporter,
      encode(_, name) {
        const other = smallModel();
        const { values, mask } = other.parameters[3];
        const lost = values.findIndex((value) => value !== 0);
        values[lost] = mask![lost] = 0;
        return exporter.encode(other, name);
      },
    };
    await expect(exportModel(lossy, smallModel(), join(folder, 'model'))).rejects.toMatchObject({
      code: 'bad-export',
      message: expect.stringContaining('fc.weight did not read back'),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the forward pass', () => {
  test.each(['onnx', 'onnx-sparse', 'tfjs'])(
    'finds an %s encoder that writes every tensor right but another network',
    async (id) => {
      const exporter = exporterById(id);
      const wrong: Exporter = {
        ...exporter,
        encode(model, name) {
          const { input } = model.graph;
          const shifted = { ...model.graph, input: { ...input, shift: [0, 0, 0.01] } };
          return exporter.encode({ ...model, graph: shifted }, name);
        },
      };
      await expect(exportModel(wrong, smallModel(), join(folder, 'model'))).rejects.toMatchObject({
        code: 'bad-export',
        message: expect.stringMatching(
          /logits that (ONNX Runtime|TensorFlow\.js) [\d.]+ computes from it differ by/,
        ),
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('is done from what was read back where the library is missing, and the report says so', async () => {
    const exporter = exporterById('onnx');
    const infer = () => Promise.reject(new RuntimeMissing('no build for this platform'));
    const report = await exportModel(
      { ...exporter, runtime: { infer } },
      smallModel(),
      join(folder, 'model'),
    );
    expect(report.check.forward).toMatchObject({
      by: expect.stringContaining('Filigree'),
      instead: 'no build for this platform',
    });
  });

  test('takes fewer samples where a slow library would take too long', async () => {
    const exporter = exporterById('tfjs');
    // 4 · 3 · 25 weights at 16 places and 640 of the linear layer: 5440 multiply-accumulates.
    const runtime = { ...exporter.runtime!, maxMacs: 5 * 5440 };
    const report = await exportModel({ ...exporter, runtime }, smallModel(), join(folder, 'model'));
    expect(report.check.forward!.samples).toBe(5);
  });

  test('refuses logits that are not numbers', async () => {
    const exporter = exporterById('onnx');
    const infer = async () => ({ by: 'a broken library', logits: new Float32Array(320).fill(NaN) });
    const broken = exportModel({ ...exporter, runtime: { infer } }, smallModel(), join(folder, 'model'));
    await expect(broken).rejects.toThrow(/a broken library computes from it differ by NaN/);
  });
});

test('a file beside the main one is not replaced without saying so either', async () => {
  const path = join(folder, 'model.json');
  const exporter = exporterById('tfjs');
  const { files } = await exportModel(exporter, smallModel(), path);
  expect(files.map((file) => basename(file.path))).toEqual([
    'model.json',
    expect.stringMatching(/^model-[0-9a-f]{8}-shard1of1\.bin$/),
  ]);
  rmSync(path);
  await expect(exportModel(exporter, smallModel(), path)).rejects.toThrow(/shard1of1\.bin exists already/);
  await exportModel(exporter, smallModel(), path, { overwrite: true });
});

/** A file system of so many kilobytes, where the machine lets us have one. */
const smallDisk = (path: string, kilobytes: number): boolean =>
  process.getuid?.() === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path]).status === 0;

const probe = mkdtempSync(join(tmpdir(), 'filigree-mount-'));
const canMount = smallDisk(probe, 64);
if (canMount) spawnSync('umount', [probe]);
else console.warn('no small file system can be mounted here: exports to a full disk are not tried out');
rmSync(probe, { recursive: true });

describe.skipIf(!canMount)('on a full disk (skipped where no tmpfs can be mounted)', () => {
  afterEach(() => spawnSync('umount', [folder]));

  test.each(['safetensors', 'tfjs', 'onnx'])(
    'a %s export leaves nothing behind, and an older one whole',
    async (id) => {
      const exporter = exporterById(id);
      const large = randomModel(registryGraph('mlp', { widths: [200] }, [1, 8, 8]), 1, 1);
      expect(smallDisk(folder, 32)).toBe(true);
      const path = join(folder, 'model');
      await expect(exportModel(exporter, large, path)).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(folder)).toEqual([]);
      const { files } = await exportModel(exporter, smallModel(), path);
      const before = files.map((file) => readFileSync(file.path));
      await expect(exportModel(exporter, large, path, { overwrite: true })).rejects.toMatchObject({
        code: 'disk-full',
      });
      expect(readdirSync(folder).sort()).toEqual(files.map((file) => basename(file.path)).sort());
      expect(files.map((file) => readFileSync(file.path))).toEqual(before);
    },
  );
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
  expect(() => exporterById('pickle')).toThrow(/"pickle".*safetensors, onnx, tfjs, npz/);
});
