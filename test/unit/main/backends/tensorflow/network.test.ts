import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { UpdateRule } from '../../../../../main/backends/backend.ts';
import { tensorBackend } from '../../../../../main/backends/tensorflow/backend.ts';
import type { Ops } from '../../../../../main/backends/tensorflow/ops.ts';
import { Random } from '../../../../../shared/random.ts';
import { everyOperation, perceptron } from '../../../../support/graphs.ts';
import { maskAll, randomBatch, randomNetwork } from '../../../../support/networks.ts';
import { l1, plainRules, regularizedRules } from '../../../../support/rules.ts';
import { tfjsOps } from '../../../../support/tfjs.ts';

const rules: UpdateRule[] = [...Object.values(plainRules), ...Object.values(regularizedRules(l1))];
const sgd = plainRules.sgd as Extract<UpdateRule, { kind: 'sgd' }>;

/** How often an operation was called, on the whole. */
const calls: Record<string, number> = {};
let ops: Ops<Tensor>;

/** The engine, counting what is asked of it. */
const counting = tensorBackend({
  id: 'counting',
  title: 'Counting',
  describe: () => 'plain JavaScript, counted',
  open: async () => ops,
});

beforeAll(async () => {
  const counted = Object.entries(await tfjsOps()).map(([name, operation]) => [
    name,
    typeof operation === 'function'
      ? (...given: unknown[]) => {
          calls[name] = (calls[name] ?? 0) + 1;
          return (operation as (...given: unknown[]) => unknown)(...given);
        }
      : operation,
  ]);
  ops = Object.fromEntries(counted) as Ops<Tensor>;
});

beforeEach(() => {
  for (const name of Object.keys(calls)) calls[name] = 0;
});

test.each([
  { graph: everyOperation(), rounds: 5 },
  { graph: perceptron(), rounds: 30 },
])('$rounds rounds of steps of all kinds leave no tensor behind, a disposed network none', async (given) => {
  const { graph, rounds } = given;
  const before = ops.liveTensors();
  const network = await randomNetwork(counting, graph, { density: 0.5 });
  const random = new Random(1);
  const round = async (seed: number) => {
    for (const [i, rule] of rules.entries()) {
      const dense = i % 2 === 0;
      const batch = randomBatch(graph, i % 3 === 0 ? 5 : 8, seed + i, i % 4 === 0 ? 'byte' : 'float');
      await network.trainStep(batch, {
        gradients: dense ? 'dense' : 'support',
        labelSmoothing: 0.01 * i,
        dropoutSeed: i,
      });
      await network.applyUpdate(
        { ...rule, learningRate: rule.learningRate / (seed + 1) },
        { scope: dense ? 'all' : 'support', reselect: i % 3 === 0, gradientScale: 1 / (1 + (i % 2)) },
      );
      await network.gradientNorm();
    }
    await maskAll(network, 0.4, random);
    await network.evaluate(randomBatch(graph, 8, seed));
    await network.logits(randomBatch(graph, 3, seed));
    await network.reselect();
  };
  await round(0);
  const alive = ops.liveTensors();
  for (let seed = 1; seed < rounds; seed++) {
    await round(seed);
    expect(ops.liveTensors(), `after round ${seed}`).toBe(alive);
  }
  network.dispose();
  expect(ops.liveTensors()).toBe(before);
});

test('a network that was disposed of answers no call', async () => {
  const network = await randomNetwork(counting, perceptron());
  network.dispose();
  network.dispose();
  const batch = randomBatch(network.graph, 4);
  const calls: (() => Promise<unknown>)[] = [
    () => network.trainStep(batch, { gradients: 'dense' }),
    () => network.evaluate(batch),
    () => network.logits(batch),
    () => network.applyUpdate(sgd, { scope: 'all' }),
    () => network.gradientNorm(),
    () => network.reselect(),
    () => network.read('fc1.weight', 'value'),
    () => network.writeMask('fc1.weight', new Uint8Array(851)),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(/disposed/);
});

test('samples that are neither bytes nor floats, too few of them or of their labels are refused', async () => {
  const network = await randomNetwork(counting, perceptron());
  const batch = randomBatch(network.graph, 4);
  const doubles = Float64Array.from(batch.samples) as never;
  await expect(network.evaluate({ ...batch, samples: doubles })).rejects.toThrow(/batch\.samples/);
  await expect(network.logits({ ...batch, samples: batch.samples.slice(1) })).rejects.toThrow(
    /batch\.samples/,
  );
  await expect(network.evaluate({ ...batch, labels: batch.labels.slice(1) })).rejects.toThrow(
    /batch\.labels/,
  );
  network.dispose();
});

describe('a training step', () => {
  const graph = perceptron();
  const batch = randomBatch(graph, 8);

  test('reads the engine once, and once more where masks follow the weights', async () => {
    const network = await randomNetwork(counting, graph, { density: 0.5 });
    calls.read = 0;
    await network.trainStep(batch, { gradients: 'dense' });
    expect(calls.read).toBe(1);
    await network.applyUpdate(sgd, { scope: 'support' });
    expect(calls.read).toBe(1);
    await network.applyUpdate(sgd, { scope: 'all', reselect: true });
    expect(calls.read).toBe(2);
    network.activeCount('fc1.weight');
    expect(calls.read).toBe(2);
    network.dispose();
  });

  test('uploads no more than the batch when nothing else changes', async () => {
    const network = await randomNetwork(counting, graph);
    const step = async () => {
      await network.trainStep(batch, { gradients: 'dense', labelSmoothing: 0.1 });
      await network.applyUpdate({ ...sgd, momentum: 0.9 }, { scope: 'all' });
    };
    await step();
    calls.upload = calls.uploadImages = 0;
    await step();
    expect(calls).toMatchObject({ upload: 1, uploadImages: 1 });
    network.dispose();
  });

  test('is the same programs at every learning rate and λ', async () => {
    const network = await randomNetwork(counting, graph);
    const linbreg = regularizedRules(l1).linbreg as Extract<UpdateRule, { kind: 'linbreg' }>;
    const step = async (factor: number) => {
      await network.trainStep(batch, { gradients: 'dense', labelSmoothing: 0.1 * factor });
      await network.applyUpdate(
        { ...linbreg, learningRate: factor, regularizer: { kind: 'l1', lambda: factor } },
        { scope: 'all', reselect: true, gradientScale: 0.5 * factor },
      );
    };
    // The mask leaves weights out from the first step on.
    await step(1);
    await step(0.9);
    calls.program = 0;
    await step(0.8);
    expect(calls.program).toBe(0);
    network.dispose();
  });

  test.each([
    { density: undefined, selects: 0 },
    { density: 0.5, selects: 2 },
  ])('computes with masks only where there are any (density $density)', async ({ density, selects }) => {
    const network = await randomNetwork(counting, graph, { density });
    calls.select = 0;
    await network.trainStep(batch, { gradients: 'support' });
    expect(calls.select).toBe(selects);
    network.dispose();
  });
});
