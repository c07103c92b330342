import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldBatchNorm } from '../../../../main/exporters/fold-batch-norm.ts';
import { inferWithEngine, noiseSamples } from '../../../../main/exporters/inference.ts';
import { encodeNpy } from '../../../../main/exporters/npy.ts';
import { exporterById } from '../../../../main/exporters/registry.ts';
import { namedTensors, type TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import { loadNative } from '../../../../main/backends/native/index.ts';
import type { Graph } from '../../../../main/models/graph.ts';
import { randomModel, registryGraph } from '../../../support/trained-models.ts';

const networks: Record<string, () => Graph> = {
  mlp: () => registryGraph('mlp', { widths: [200, 80] }, [1, 28, 28]),
  convnet: () => registryGraph('convnet', {}, [3, 32, 32]),
  resnet20: () => registryGraph('resnet20', {}, [3, 32, 32]),
};
/** A weight in the middle of each, to be emptied. */
const middle: Record<string, string> = {
  mlp: 'fc2.weight',
  convnet: 'conv2.weight',
  resnet20: 'layer2.1.conv2.weight',
};

/** 0, 90 and 99.9 % sparsity, with room for the weights that `sparseModel` adds. */
const densities = [1, 0.1, 0.0009];

/**
 * Random weights and masks. Unit 0 of every layer reads channel 0 of the layer before, so that something passes even
 * at 99.9 % sparsity.
 */
function sparseModel(graph: Graph, density: number): TrainedModel {
  const model = randomModel(graph, 11, density);
  const weights = model.parameters.filter(({ role }) => role === 'weight');
  for (const { shape, values, mask } of weights) {
    const centre = Math.floor(((shape[2] ?? 1) * (shape[3] ?? 1)) / 2);
    values[centre] = 1;
    mask![centre] = 1;
  }
  // A classifier begins with a smaller range than other layers: logits as large as those of a trained network.
  const classifier = weights.at(-1)!;
  classifier.values = classifier.values.map((value) => 0.4 * value);
  return model;
}

const files = [
  ...['safetensors', 'safetensors-csr', 'onnx', 'onnx-sparse', 'npz', 'scipy-csr'],
  ...['matrix-market', 'condensed', 'masks'],
];

const bytesOf = (id: string, model: TrainedModel): Buffer =>
  Buffer.concat(exporterById(id).encode(model, id)[0].chunks);

/** Batch norm with the statistics of the samples, as training leaves it. */
async function settle(model: TrainedModel): Promise<void> {
  const native = loadNative();
  const backend = native.ok ? native.backend : referenceBackend;
  const nodes = model.graph.nodes.map((node) =>
    node.op.kind === 'batchNorm' ? { ...node, op: { ...node.op, momentum: 1 } } : node,
  );
  const { values: samples, size } = noiseSamples(model.graph);
  const options = { maxBatch: size, threads: 1, sparse: new Set<string>() };
  const network = await backend.compile({ ...model.graph, nodes }, options);
  for (const { name, values } of model.parameters) await network.write(name, 'value', values);
  await network.trainStep({ samples, labels: new Int32Array(size), size }, { gradients: 'support' });
  for (const buffer of model.buffers) buffer.values = await network.read(buffer.name, 'value');
  network.dispose();
}

/** Writes a network in every format, with samples and our logits. @returns the logits of each sample */
async function writeCase(folder: string, model: TrainedModel): Promise<string[]> {
  mkdirSync(folder);
  const { graph } = model;
  await settle(model);
  const samples = noiseSamples(graph);
  const { logits } = await inferWithEngine(graph, namedTensors(model), samples);
  const write = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  const { values, size } = samples;
  write('samples.npy', encodeNpy({ type: '<f4', shape: [size, ...graph.input.shape], data: values }));
  write('logits.npy', encodeNpy({ type: '<f4', shape: [size, graph.classes], data: logits }));
  for (const id of files) write(id, bytesOf(id, model));
  write('onnx-folded', bytesOf('onnx', foldBatchNorm.apply(model)));
  return Array.from({ length: size }, (_, n) =>
    logits.slice(n * graph.classes, (n + 1) * graph.classes).join(),
  );
}

const libraries = 'torch, onnx, onnxruntime, scipy, safetensors, numpy';
const hasPython = spawnSync('python3', ['-c', `import ${libraries}`]).status === 0;
if (!hasPython) console.warn(`python3 with ${libraries} is not here: exports are not loaded with them`);

describe.skipIf(!hasPython)(`Python computes what we compute (skipped without ${libraries})`, () => {
  let folder: string;
  let found: Record<string, Record<string, number>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'filigree-round-trips-'));
    for (const [id, graph] of Object.entries(networks)) {
      for (const density of densities) {
        const logits = await writeCase(join(folder, `${id} ${density}`), sparseModel(graph(), density));
        expect(new Set(logits).size, `${id} ${density}: nothing depends on the sample`).toBeGreaterThan(1);
      }
      const model = sparseModel(graph(), 0.1);
      const { values, mask } = model.parameters.find(({ name }) => name === middle[id])!;
      values.fill(0);
      mask!.fill(0);
      await writeCase(join(folder, `${id} empty layer`), model);
    }
    const script = fileURLToPath(new URL('round_trips.py', import.meta.url));
    // The beta notice of torch's sparse tensors goes to stderr.
    const output = execFileSync('python3', ['-W', 'ignore', script, folder], { encoding: 'utf8' });
    found = JSON.parse(output) as typeof found;
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const cases = Object.keys(networks).flatMap((id) =>
    [...densities, 'empty layer'].map((at) => `${id} ${at}`),
  );
  test.each(cases)('%s', (name) => {
    const differences = found[name];
    const wanted = [
      'torch',
      'onnx',
      'onnx folded',
      'onnx compact',
      'safetensors-csr',
      'condensed',
      'npz',
      'scipy',
    ];
    expect(Object.keys(differences)).toEqual(expect.arrayContaining([...wanted, 'matrix-market', 'masks']));
    expect('state dict' in differences).toBe(!name.startsWith('resnet20'));
    expect('scipy logits' in differences).toBe(name.startsWith('mlp'));
    for (const [what, difference] of Object.entries(differences))
      expect(difference, what).toBeLessThanOrEqual(1e-5);
  });
});

test.each([
  ['onnx-sparse', 'onnx'],
  ['safetensors-csr', 'safetensors'],
  ['scipy-csr', 'safetensors'],
])('an MLP of 95 percent sparsity: %s takes at most 0.15 of %s', (compact, dense) => {
  const model = randomModel(networks.mlp(), 1, 0.05);
  expect(bytesOf(compact, model).length / bytesOf(dense, model).length).toBeLessThanOrEqual(0.15);
});
