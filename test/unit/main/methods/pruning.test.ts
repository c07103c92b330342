import { describe, expect, test } from 'vitest';
import { methodById } from '../../../../main/methods/registry.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { activeCount, distance, strayWeights, train, weightCount, weights } from './harness.ts';

const steps = 100;

describe('gradual magnitude pruning', () => {
  const raw = { density: 0.1, pruningStart: 0.1, pruningEnd: 0.75, pruningInterval: 5 };

  test.each(['global', 'layer'])(
    '%s: density follows the cubic schedule and pruned weights stay 0',
    async (scope) => {
      let before = weightCount;
      await train(
        'gmp',
        { ...raw, scope },
        {
          steps,
          inspect: async ({ step, plan, network }) => {
            const active = activeCount(network);
            if (step < 10) expect(active).toBe(weightCount);
            else {
              const last = step >= 75 ? 75 : step - (step % 5);
              const sparsity = 0.9 * (1 - (1 - (last - 10) / 65) ** 3);
              expect(Math.abs(active - (1 - sparsity) * weightCount)).toBeLessThanOrEqual(1);
            }
            if (plan.phase !== 'topology') expect(active).toBe(before);
            expect(active).toBeLessThanOrEqual(before);
            expect(await strayWeights(network)).toBe(0);
            before = active;
          },
        },
      );
      expect(before).toBe(0.1 * weightCount);
    },
  );

  test('phases: dense, pruning, fine-tune; never a dense gradient once weights are gone', () => {
    const method = methodById('gmp');
    const values = parseValues(method.fields, raw, 'method');
    const at = (step: number) => method.plan(values, step, { totalSteps: steps, stepsPerEpoch: 16 });
    expect([0, 9, 10, 11, 15, 75, 76, 99].map((step) => at(step).phase)).toEqual(
      'dense dense topology sparse topology topology fine-tune fine-tune'.split(' '),
    );
    for (let step = 0; step < steps; step++) expect(at(step).gradients).toBe('support');
  });

  test('ends at its density even if pruning was to last the whole training', async () => {
    const { network } = await train('gmp', { ...raw, pruningEnd: 1 }, { steps });
    expect(activeCount(network)).toBe(0.1 * weightCount);
  });

  test('refuses to end before it starts', async () => {
    await expect(train('gmp', { pruningStart: 0.8, pruningEnd: 0.5 }, { steps })).rejects.toThrow(
      /method\.pruningStart: 0\.8 .*less than 0\.5/,
    );
  });
});

describe('prune and fine-tune', () => {
  test.each([
    ['global', 'magnitude'],
    ['layer', 'magnitude'],
    ['global', 'random'],
    ['layer', 'random'],
  ])('%s %s: dense before, exact density after', async (scope, score) => {
    await train(
      'oneshot',
      { density: 0.2, scope, score, pruningTime: 0.4 },
      {
        steps: 50,
        inspect: async ({ step, network }) => {
          expect(activeCount(network)).toBe(step < 19 ? weightCount : 0.2 * weightCount);
          expect(await strayWeights(network)).toBe(0);
        },
      },
    );
  });

  test('keeps the largest weights of the whole network', async () => {
    let weightsBefore: number[] = [];
    await train(
      'oneshot',
      { density: 0.3, learningRate: 1e-9, pruningTime: 0.5 },
      {
        steps: 2,
        started: async (network) => {
          const values = await Promise.all(weights.map((name) => network.read(name, 'value')));
          weightsBefore = values.flatMap((layer) => [...layer].map(Math.abs));
        },
        inspect: async ({ step, network }) => {
          if (step > 0) return;
          const threshold = [...weightsBefore].sort((a, b) => b - a)[0.3 * weightCount - 1];
          const masks = await Promise.all(weights.map((name) => network.readMask(name)));
          const kept = masks.flatMap((mask) => [...mask]);
          weightsBefore.forEach((x, i) => expect(kept[i]).toBe(x >= threshold * (1 - 1e-5) ? 1 : 0));
        },
      },
    );
  });

  test('at density 1 is dense training', async () => {
    const a = await train('oneshot', { density: 1 }, { steps: 30 });
    const b = await train('sgd', {}, { steps: 30 });
    expect(await distance(a.network, b.network)).toBeLessThan(1e-6);
  });

  test('reports a layer that lost all its weights', async () => {
    const { log, network } = await train('oneshot', { density: 0.00125, pruningTime: 0.5 }, { steps: 4 });
    expect(activeCount(network)).toBe(1);
    expect(log).toHaveLength(2);
    expect(log[0]).toMatch(/Layer collapse: .*fc\d\.weight/);
  });
});
