import { describe, test } from 'vitest';
import type { Backend } from '../../../../main/backends/backend.ts';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import type { Graph, Op } from '../../../../main/models/graph.ts';
import { compiledBackends } from '../../../support/backends.ts';
import { expectClose } from '../../../support/close.ts';
import { randomBatch, randomNetwork, readAll } from '../../../support/networks.ts';

const batchNorm: Op = { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 };
const conv: Op = { kind: 'conv2d', outputs: 3, kernel: [3, 3], stride: 1, padding: 1, bias: false };

function imageGraph(...nodes: [string, Op, ...string[]][]): Graph {
  return {
    input: { shape: [3, 5, 5], scale: [1, 1, 1], shift: [0, 0, 0] },
    nodes: [
      ...nodes.map(([name, op, ...inputs]) => ({ name, op, inputs })),
      { name: 'gap', op: { kind: 'globalAvgPool' }, inputs: [nodes.at(-1)![0]] },
      { name: 'fc', op: { kind: 'linear', outputs: 4, bias: true }, inputs: ['gap'] },
    ],
    classes: 4,
  };
}

/** Graphs in which one tensor's gradient has several writers and buffers are shared. */
const tangled: Record<string, Graph> = {
  'a batch norm plus its own input': imageGraph(
    ['conv', conv, 'input'],
    ['bn', batchNorm, 'conv'],
    ['sum', { kind: 'add' }, 'bn', 'conv'],
    ['relu', { kind: 'relu' }, 'sum'],
  ),
  'a tensor plus itself': imageGraph(
    ['conv', conv, 'input'],
    ['twice', { kind: 'add' }, 'conv', 'conv'],
    ['relu', { kind: 'relu' }, 'twice'],
  ),
  'a rectifier beside another reader': imageGraph(
    ['conv', conv, 'input'],
    ['relu', { kind: 'relu' }, 'conv'],
    ['dropout', { kind: 'dropout', rate: 0.3 }, 'relu'],
    ['sum', { kind: 'add' }, 'dropout', 'conv'],
    ['conv2', conv, 'sum'],
    ['sum2', { kind: 'add' }, 'conv2', 'sum'],
  ),
  'a residual read again later': imageGraph(
    ['conv', conv, 'input'],
    ['bn', batchNorm, 'conv'],
    ['relu', { kind: 'relu' }, 'bn'],
    ['conv2', conv, 'relu'],
    ['bn2', batchNorm, 'conv2'],
    ['sum', { kind: 'add' }, 'bn2', 'relu'],
    ['conv3', conv, 'sum'],
    ['sum2', { kind: 'add' }, 'conv3', 'relu'],
    ['pool', { kind: 'maxPool', kernel: 3, stride: 2, padding: 1 }, 'sum2'],
  ),
};

describe.each(compiledBackends())('$id', (backend: Backend) => {
  test.each(Object.entries(tangled))('computes %s', async (_, graph) => {
    const setup = { maxBatch: 20, threads: 2 };
    const own = await randomNetwork(backend, graph, setup);
    const oracle = await randomNetwork(referenceBackend, graph, setup);
    // Fewer samples than lanes: what is computed in the padding must not reach any gradient.
    for (const size of [20, 3]) {
      const batch = randomBatch(graph, size);
      const options = { gradients: 'dense', dropoutSeed: 7 } as const;
      const [a, b] = [await own.trainStep(batch, options), await oracle.trainStep(batch, options)];
      expectClose([a.loss], [b.loss], 1e-5, 'loss');
      for (const [name, gradient] of await readAll(oracle, 'gradient')) {
        expectClose(await own.read(name, 'gradient'), gradient, 1e-4, `${name} at ${size} samples`);
      }
    }
  });
});
