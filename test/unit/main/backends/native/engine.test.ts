import { describe, expect, test } from 'vitest';
import type { Backend, UpdateRule } from '../../../../../main/backends/backend.ts';
import { referenceBackend } from '../../../../../main/backends/reference/index.ts';
import type { Graph, Op } from '../../../../../main/models/graph.ts';
import { Random } from '../../../../../shared/random.ts';
import { compiledBackends } from '../../../../support/backends.ts';
import { expectClose } from '../../../../support/close.ts';
import { perceptron, singleWeight } from '../../../../support/graphs.ts';
import { normals, randomBatch, randomNetwork, readAll } from '../../../../support/networks.ts';

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

describe.each(compiledBackends())('the $id engine', (backend: Backend) => {
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

  test('more threads than cores give the same bits, step after step', async () => {
    const graph = perceptron();
    const rule: UpdateRule = {
      kind: 'sgd',
      learningRate: 0.05,
      momentum: 0.9,
      nesterov: true,
      weightDecay: 1e-4,
    };
    const trained = async (threads: number) => {
      const network = await randomNetwork(backend, graph, { maxBatch: 40, threads, density: 0.4 });
      for (let step = 0; step < 100; step++) {
        await network.trainStep(randomBatch(graph, 33, step), { gradients: 'support' });
        await network.applyUpdate(rule, { scope: 'support' });
      }
      return readAll(network, 'value');
    };
    expect(await trained(7)).toEqual(await trained(1));
  });

  test('two thousand steps with changing masks allocate nothing that stays', async () => {
    const graph = perceptron();
    const network = await randomNetwork(backend, graph, { maxBatch: 32, threads: 2, density: 0.5 });
    const rule: UpdateRule = {
      kind: 'linbreg',
      learningRate: 0.1,
      delta: 1,
      momentum: 0.9,
      regularizer: { kind: 'l1', lambda: 1e-3 },
    };
    const batch = randomBatch(graph, 32);
    const train = async (steps: number) => {
      for (let step = 0; step < steps; step++) {
        const all = step % 10 === 0;
        await network.trainStep(batch, { gradients: all ? 'dense' : 'support' });
        await network.applyUpdate(rule, { scope: all ? 'all' : 'support', reselect: all });
      }
    };
    await train(500);
    const [memory, resident] = [network.memoryBytes(), process.memoryUsage.rss()];
    await train(2000);
    expect(network.memoryBytes()).toBe(memory);
    // The tests' own JavaScript heap breathes by some MB; a leak of one 1 kB tensor per step would be seen.
    expect(process.memoryUsage.rss() - resident).toBeLessThan(40e6);
  });

  test('measures sparse against dense execution once a mask is sparse, and again when its density has moved', async () => {
    const graph = perceptron();
    const network = await randomNetwork(backend, graph, { maxBatch: 32, density: 0.3 });
    const weight = network.parameters[0].name;
    const layer = () => network.execution().find((e) => e.parameter === weight)!;
    expect(layer().sparseMs).toBeUndefined();
    const step = () => network.trainStep(randomBatch(graph, 32), { gradients: 'support' });
    await step();
    const first = layer();
    expect(first.sparseMs).toBeGreaterThan(0);
    expect(first.denseMs).toBeGreaterThan(0);
    expect(first.choice).toBe(first.sparseMs! < first.denseMs! ? 'sparse' : 'dense');
    await step();
    expect(layer()).toEqual(first);
    const mask = await network.readMask(weight);
    await network.writeMask(
      weight,
      mask.map((inside, i) => (i % 2 ? inside : 0)),
    );
    await step();
    expect(layer().density).toBeLessThan(first.density);
    expect([layer().sparseMs, layer().denseMs]).not.toEqual([first.sparseMs, first.denseMs]);
  });

  test.each([0, 3, 300, 1e6])('corrects the bias of moments that were updated %d times', async (updates) => {
    const graph = singleWeight([4, 5]);
    const rule: UpdateRule = {
      kind: 'adam',
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      decoupled: false,
    };
    const values = await Promise.all(
      [backend, referenceBackend].map(async (b) => {
        const network = await randomNetwork(b, graph);
        // Counts that differ within a row take another path than equal ones.
        for (const counts of [
          Array(20).fill(updates),
          Array.from({ length: 20 }, (_, i) => updates + (i % 3)),
        ]) {
          await network.write('layer.weight', 'updates', Float32Array.from(counts));
          await network.write('layer.weight', 'gradient', normals(20, new Random(1)));
          await network.applyUpdate(rule, { scope: 'all' });
        }
        return network.read('layer.weight', 'value');
      }),
    );
    expectClose(values[0], values[1], 1e-6, 'value');
  });

  test('answers no call after it was disposed of', async () => {
    const network = await randomNetwork(backend, perceptron());
    network.dispose();
    await expect(network.gradientNorm()).rejects.toThrow(/disposed/);
  });

  test('refuses samples that are neither bytes nor single-precision floats, and unknown rules', async () => {
    const graph = perceptron();
    const network = await randomNetwork(backend, graph);
    const batch = randomBatch(graph, 4);
    const doubles = Float64Array.from(batch.samples) as never;
    await expect(network.evaluate({ ...batch, samples: doubles })).rejects.toThrow(/batch\.samples/);
    await expect(network.evaluate({ ...batch, samples: batch.samples.slice(1) })).rejects.toThrow(
      /batch\.samples/,
    );
    await expect(network.evaluate({ ...batch, labels: batch.labels.slice(1) })).rejects.toThrow(
      /batch\.labels/,
    );
    const rule = { kind: 'newton', learningRate: 1 } as never;
    await expect(network.applyUpdate(rule, { scope: 'all' })).rejects.toThrow(/newton/);
  });
});
