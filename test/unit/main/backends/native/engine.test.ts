import { describe, expect, test } from 'vitest';
import type { Backend, UpdateRule } from '../../../../../main/backends/backend.ts';
import { nativeBackends } from '../../../../support/backends.ts';
import { perceptron } from '../../../../support/graphs.ts';
import { randomBatch, randomNetwork, readAll } from '../../../../support/networks.ts';

describe.each(nativeBackends())('the native engine', (backend: Backend) => {
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
