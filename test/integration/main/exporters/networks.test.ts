import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exportModel } from '../../../../main/exporters/export-model.ts';
import { noiseSamples } from '../../../../main/exporters/inference.ts';
import { exporterById } from '../../../../main/exporters/registry.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import type { Graph } from '../../../../main/models/graph.ts';
import { chain, everyOperation } from '../../../support/graphs.ts';
import { hasOnnxRuntime } from '../../../support/onnx-runtime.ts';
import { largestDifference, logitsOf, randomModel, smallGraphs } from '../../../support/trained-models.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-networks-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const graphs = Object.entries({ ...smallGraphs, everyOperation });

/** Every operation that Keras has, with padded pooling too. */
const averaged = (): Graph => {
  const graph = everyOperation();
  const nodes = graph.nodes.map((node) =>
    node.op.kind === 'maxPool' ? { ...node, op: { ...node.op, kind: 'avgPool' as const } } : node,
  );
  return { ...graph, nodes };
};

async function check(id: string, model: TrainedModel, ...transforms: string[]) {
  const report = await exportModel(exporterById(id), model, join(folder, 'model'), { transforms });
  return report.check.forward!;
}

describe.skipIf(!hasOnnxRuntime)('ONNX Runtime (skipped where it has no build)', () => {
  test.each(graphs)('computes %s as we do', async (_, graph) => {
    expect((await check('onnx', randomModel(graph(), 5))).by).toMatch(/^ONNX Runtime \d/);
  });

  test.each(graphs)('computes %s with batch norm folded, compact', async (_, graph) => {
    const forward = await check('onnx-sparse', randomModel(graph(), 5, 0.2), 'fold-batch-norm');
    expect(forward.by).toMatch(/^ONNX Runtime \d/);
  });
});

test('without ONNX Runtime an ONNX file is run by our engine, and the report names what is missing', async () => {
  vi.resetModules();
  vi.doMock('onnxruntime-node', () => {
    throw new Error('no build for this platform');
  });
  try {
    const { exporterById: fresh } = await import('../../../../main/exporters/registry.ts');
    const { exportModel: write } = await import('../../../../main/exporters/export-model.ts');
    const path = join(folder, 'model.onnx');
    const { check } = await write(fresh('onnx'), randomModel(smallGraphs.convnet(), 1), path);
    expect(check.forward).toMatchObject({
      by: expect.stringMatching(/^Filigree's /),
      instead: expect.stringMatching(/^ONNX Runtime is not available here: /),
      maxDifference: 0,
    });
  } finally {
    vi.doUnmock('onnxruntime-node');
  }
});

describe('TensorFlow.js', () => {
  test.each(Object.entries({ ...smallGraphs, averaged }))('computes %s as we do', async (_, graph) => {
    expect((await check('tfjs', randomModel(graph(), 5))).by).toMatch(/^TensorFlow\.js \d/);
  });

  test('computes a residual network with batch norm folded', async () => {
    await check('tfjs', randomModel(smallGraphs.resnet18(), 5), 'fold-batch-norm');
  });

  test('has no max pooling with padding, which is said by name', async () => {
    await expect(check('tfjs', randomModel(everyOperation(), 5))).rejects.toMatchObject({
      code: 'unsupported-layer',
      message: 'layer maxpool: max pooling with padding cannot be written for TensorFlow.js',
    });
  });

  test('loads model.json and its shards from a web server and predicts our logits', async () => {
    // More than one shard of 4 MiB.
    const wide = chain([4, 8, 8], 5, [
      { name: 'flatten', op: { kind: 'flatten' } },
      { name: 'fc1', op: { kind: 'linear', outputs: 5000, bias: true } },
      { name: 'relu', op: { kind: 'relu' } },
      { name: 'fc2', op: { kind: 'linear', outputs: 5, bias: true } },
    ]);
    const model = randomModel(wide, 2, 0.1);
    const { files } = await exportModel(exporterById('tfjs'), model, join(folder, 'model.json'));
    expect(files.length).toBe(3);
    const server = createServer(async ({ url }, response) => {
      response.end(await readFile(join(folder, basename(url!))));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const tf = await import('@tensorflow/tfjs');
      const { port } = server.address() as AddressInfo;
      const network = await tf.loadLayersModel(`http://127.0.0.1:${port}/model.json`);
      const { values, size } = noiseSamples(wide);
      const images = tf.tensor4d(values, [size, 4, 8, 8]).transpose([0, 2, 3, 1]);
      const predicted = (network.predict(images) as ReturnType<typeof tf.tensor>).dataSync();
      const ours = await logitsOf(model, { samples: values, labels: new Int32Array(size), size });
      expect(largestDifference(predicted, ours)).toBeLessThanOrEqual(1e-5);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test.each(['onnx', 'tfjs'])('an image layer over flat features is refused by name for %s', async (id) => {
  const graph = chain([3, 1, 1], 3, [{ name: 'pool', op: { kind: 'globalAvgPool' } }]);
  await expect(check(id, randomModel(graph, 1))).rejects.toMatchObject({
    code: 'unsupported-layer',
    message: expect.stringMatching(/^layer pool: globalAvgPool of flat features/),
  });
});
