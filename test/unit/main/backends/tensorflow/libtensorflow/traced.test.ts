import { describe, expect, test } from 'vitest';
import type { Network, UpdateRule } from '../../../../../../main/backends/backend.ts';
import { openTensorflow } from '../../../../../../main/backends/tensorflow/open.ts';
import type { Execution } from '../../../../../../main/backends/tensorflow/libtensorflow/ops.ts';
import { deviation } from '../../../../../support/close.ts';
import { everyOperation, perceptron } from '../../../../../support/graphs.ts';
import { randomBatch, randomNetwork } from '../../../../../support/networks.ts';
import { l1, plainRules, regularizedRules } from '../../../../../support/rules.ts';
import { tensorflowMissing } from '../../../../../support/tensorflow.ts';

const rules: Record<string, UpdateRule> = { ...plainRules, ...regularizedRules(l1) };

describe.skipIf(tensorflowMissing)('a network traced into functions', () => {
  /** Twenty steps over changing batch sizes; the losses on the way. */
  async function train(network: Network, rule: UpdateRule): Promise<number[]> {
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const batch = randomBatch(network.graph, step % 5 === 4 ? 3 : 8, step);
      const options = { gradients: 'support', dropoutSeed: step } as const;
      losses.push((await network.trainStep(batch, options)).loss);
      await network.applyUpdate(rule, { scope: 'support' });
    }
    return losses;
  }

  const open = (execution: Execution, graph = everyOperation()) =>
    randomNetwork(openTensorflow(2, execution).backend, graph, { density: 0.5 });

  test.each(Object.entries(rules))('trains as one operation at a time does: %s', async (_, rule) => {
    const [traced, eager] = [await open('traced'), await open('eager')];
    const [own, oracle] = [await train(traced, rule), await train(eager, rule)];
    expect(deviation(own, oracle)).toBeLessThan(1e-5);
    for (const { name } of traced.parameters) {
      const found = deviation(await traced.read(name, 'value'), await eager.read(name, 'value'));
      expect(found, name).toBeLessThan(1e-4);
    }
    traced.dispose();
    eager.dispose();
  });

  test.each(Object.entries(rules))(
    'has the same bits whether an update came with the next pass or was asked for before: %s',
    async (_, rule) => {
      const [left, asked] = [await open('traced'), await open('traced')];
      for (let step = 0; step < 6; step++) {
        const batch = randomBatch(left.graph, 8, step);
        const options = { gradients: step % 2 ? 'dense' : 'support', dropoutSeed: step } as const;
        const results = [await left.trainStep(batch, options), await asked.trainStep(batch, options)];
        expect(results[0].loss).toBe(results[1].loss);
        expect(Object.keys(results[0].times)).toEqual([step > 0 ? 'passWithUpdate' : 'pass']);
        expect(Object.keys(results[1].times)).toEqual(['pass']);
        for (const network of [left, asked]) await network.applyUpdate(rule, { scope: 'support' });
        await asked.read(asked.parameters[0].name, 'value');
      }
      expect(left.usedSlots()).toEqual(asked.usedSlots());
      for (const { name } of left.parameters) {
        for (const slot of left.usedSlots()) {
          expect(await left.read(name, slot), `${name} ${slot}`).toEqual(await asked.read(name, slot));
        }
      }
      left.dispose();
      asked.dispose();
    },
  );

  test('knows the masks that follow an update at once', async () => {
    const [own, oracle] = [await open('traced'), await open('eager')];
    const rule = regularizedRules({ kind: 'l1', lambda: 0.02 }).linbreg;
    for (const network of [own, oracle]) {
      for (let step = 0; step < 3; step++) {
        await network.trainStep(randomBatch(network.graph, 8, step), { gradients: 'dense' });
        await network.applyUpdate(rule, { scope: 'all', reselect: true });
      }
    }
    const counts = (network: Network) => network.parameters.map(({ name }) => network.activeCount(name));
    expect(counts(own)).toEqual(counts(oracle));
    expect(counts(own)).not.toEqual(own.parameters.map(({ size }) => size));
  });

  test('gives the same bits every time', async () => {
    const runs = [await open('traced'), await open('traced')];
    const losses = await Promise.all(runs.map((network) => train(network, rules.adam)));
    expect(losses[0]).toEqual(losses[1]);
    const [a, b] = await Promise.all(
      runs.map((network) => Promise.all(network.parameters.map(({ name }) => network.read(name, 'value')))),
    );
    expect(a).toEqual(b);
  });

  test.each(['sgd with momentum and weight decay', 'adam'])(
    'trains compiled by XLA as well: %s',
    async (name) => {
      const [compiled, eager] = [await open('xla', perceptron()), await open('eager', perceptron())];
      const losses = [await train(compiled, rules[name]), await train(eager, rules[name])];
      expect(deviation(losses[0], losses[1])).toBeLessThan(1e-5);
    },
    120_000,
  );
});
