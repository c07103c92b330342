import { describe, expect, test } from 'vitest';
import { partsOfBatch } from '../../../../../main/backends/tensorflow/batch-parts.ts';
import { TensorNetwork } from '../../../../../main/backends/tensorflow/network.ts';
import { bindingOfProcess } from '../../../../../main/backends/tensorflow/open.ts';
import { libTensorflowOps } from '../../../../../main/backends/tensorflow/libtensorflow/ops.ts';
import { tensorBackend } from '../../../../../main/backends/tensorflow/backend.ts';
import { referenceBackend } from '../../../../../main/backends/reference/index.ts';
import type { Graph } from '../../../../../main/models/graph.ts';
import { modelById } from '../../../../../main/models/registry.ts';
import { probeInput } from '../../../../../main/training/probe.ts';
import { expectClose } from '../../../../support/close.ts';
import { everyOperation, perceptron } from '../../../../support/graphs.ts';
import { randomBatch, randomNetwork } from '../../../../support/networks.ts';
import { tensorflowMissing } from '../../../../support/tensorflow.ts';

test.each([
  { size: 128, most: 2, sizes: [64, 64] },
  { size: 100, most: 3, sizes: [33, 33, 34] },
  { size: 50, most: 8, sizes: [16, 17, 17] },
  { size: 31, most: 4, sizes: [31] },
  { size: 1, most: 4, sizes: [1] },
  { size: 128, most: 1, sizes: [128] },
])('$size samples in at most $most parts', ({ size, most, sizes }) => {
  expect(partsOfBatch(size, most)).toEqual(sizes);
});

describe.skipIf(tensorflowMissing)('a batch in parts', () => {
  const backend = tensorBackend({
    id: 'parts',
    title: 'TensorFlow in parts',
    describe: () => 'TensorFlow in parts',
    open: async () => libTensorflowOps(bindingOfProcess(2), 'traced', 3),
  });
  const lenet = modelById('lenet5').build({}, probeInput([1, 28, 28]), 10);
  const withDropout = (graph: Graph): Graph => ({
    ...graph,
    nodes: graph.nodes
      .map((node, i) => (i === graph.nodes.length - 1 ? { ...node, inputs: ['dropped'] } : node))
      .toSpliced(-1, 0, {
        name: 'dropped',
        op: { kind: 'dropout', rate: 0.4 },
        inputs: graph.nodes.at(-1)!.inputs,
      }),
  });

  test.each(
    Object.entries({ perceptron: perceptron(), 'perceptron with dropout': withDropout(perceptron()), lenet }),
  )('has the loss, the gradients and the logits of the whole: %s', async (_, graph) => {
    const setup = { density: 0.5, maxBatch: 50 };
    const own = await randomNetwork(backend, graph, setup);
    const oracle = await randomNetwork(referenceBackend, graph, setup);
    for (const [size, accumulate] of [
      [50, false],
      [37, true],
      [5, false],
    ] as const) {
      const batch = randomBatch(graph, size, 1);
      const options = { gradients: 'support', dropoutSeed: 3, labelSmoothing: 0.1, accumulate } as const;
      const [a, b] = [await own.trainStep(batch, options), await oracle.trainStep(batch, options)];
      expect(a.loss).toBeCloseTo(b.loss, 5);
      expect(a.correct).toBe(b.correct);
      for (const { name } of own.parameters) {
        expectClose(await own.read(name, 'gradient'), await oracle.read(name, 'gradient'), 1e-5, name);
      }
      expectClose(await own.logits(batch), await oracle.logits(batch), 1e-5, 'logits');
    }
    own.dispose();
  });

  test('is the whole where batch norm couples its samples', async () => {
    const graph = everyOperation();
    const [own, whole] = [await randomNetwork(backend, graph, { maxBatch: 50 }), await wholeOf(graph)];
    const batch = randomBatch(graph, 50, 1);
    const losses = [];
    for (const network of [own, whole])
      losses.push((await network.trainStep(batch, { gradients: 'dense' })).loss);
    expect(losses[0]).toBe(losses[1]);
    own.dispose();
    whole.dispose();
  });

  const wholeOf = (graph: Graph) =>
    randomNetwork(
      {
        ...backend,
        compile: async (g, options) =>
          new TensorNetwork(libTensorflowOps(bindingOfProcess(2), 'traced'), g, options),
      },
      graph,
      { maxBatch: 50 },
    );
});
