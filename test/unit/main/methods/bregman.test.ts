import { describe, expect, test } from 'vitest';
import { methodById } from '../../../../main/methods/registry.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { activeCount, distance, newNetwork, strayWeights, train, weightCount, weights } from './harness.ts';

const bregman = ['linbreg', 'linbreg-momentum', 'adabreg', 'ml-linbreg', 'ml-adabreg'];
const start = { initialDensity: 0.3, gain: 1, learningRate: 0.1, lambda: 0.02 };
/** AdaBreg normalises its steps, so the same λ is reached with smaller ones. */
const settings = (id: string) => (id.includes('adabreg') ? { ...start, learningRate: 0.003 } : start);

describe('the sparse start', () => {
  test('draws each weight with probability ρ and scales it by gain/√ρ', async () => {
    const dense = await newNetwork();
    await train(
      'linbreg',
      { ...start, initialDensity: 0.25, gain: 0.7 },
      {
        steps: 0,
        started: async (network) => {
          const active = activeCount(network);
          expect(Math.abs(active - 0.25 * weightCount)).toBeLessThan(
            4 * Math.sqrt(weightCount * 0.25 * 0.75),
          );
          for (const name of weights) {
            const [mask, before, after] = [
              await network.readMask(name),
              await dense.read(name, 'value'),
              await network.read(name, 'value'),
            ];
            after.forEach((x, i) => expect(x).toBeCloseTo(mask[i] ? (before[i] * 0.7) / 0.5 : 0, 6));
          }
        },
      },
    );
  });

  test.each(['l1', 'l1-positive', 'group-rows', 'group-kernels', 'l1-group'])(
    'of %s has a dual that the prox maps back to the weights',
    async (regularizer) => {
      const values = { ...start, delta: 0.5, lambda: 0.2, regularizer };
      // With τ → 0 a step is nothing but θ ← prox(δv).
      let before: Float32Array[] = [];
      const { network } = await train('linbreg', values, {
        steps: 1,
        learningRateAt: () => 0,
        started: async (n) => {
          before = await Promise.all(weights.map((name) => n.read(name, 'value')));
        },
      });
      for (const [l, name] of weights.entries()) {
        const after = await network.read(name, 'value');
        after.forEach((x, i) => expect(x).toBeCloseTo(before[l][i], 5));
        if (regularizer === 'l1-positive') expect(Math.min(...after)).toBe(0);
      }
    },
  );

  test('follows Erdős–Rényi densities where asked to', async () => {
    await train(
      'linbreg',
      { ...start, initialDensity: 0.2, initialDistribution: 'er' },
      {
        steps: 0,
        started: async (network) => {
          expect(network.activeCount('fc3.weight') / 32).toBeGreaterThan(0.6);
          expect(network.activeCount('fc2.weight') / 512).toBeLessThan(0.2);
        },
      },
    );
  });
});

describe('degenerate cases', () => {
  test.each(['linbreg', 'ml-linbreg'])(
    '%s with λ = 0, ρ = 1 and gain 1 is SGD without momentum',
    async (id) => {
      const a = await train(id, { lambda: 0, initialDensity: 1, gain: 1, learningRate: 0.1 }, { steps: 60 });
      const b = await train('sgd', { momentum: 0, weightDecay: 0, learningRate: 0.1 }, { steps: 60 });
      expect(await distance(a.network, b.network)).toBeLessThan(1e-5);
      expect(b.after).toBeLessThan(0.8 * b.before);
    },
  );

  test.each([
    ['ml-linbreg', 'linbreg', {}],
    ['ml-linbreg', 'linbreg-momentum', { momentum: 0.9 }],
    ['ml-adabreg', 'adabreg', {}],
  ])('%s with m = 0 is %s', async (multilevel, single, extra) => {
    const a = await train(multilevel, { ...settings(single), ...extra, coarseSteps: 0 }, { steps: 60 });
    const b = await train(single, { ...settings(single), ...extra }, { steps: 60 });
    expect(await distance(a.network, b.network)).toBe(0);
    expect(activeCount(a.network)).toBe(activeCount(b.network));
  });

  test('AdaBreg with λ = 0, ρ = 1 and gain 1 is Adam', async () => {
    const a = await train('adabreg', { lambda: 0, initialDensity: 1, gain: 1 }, { steps: 60 });
    const b = await train('adam', {}, { steps: 60 });
    expect(await distance(a.network, b.network)).toBeLessThan(1e-5);
  });
});

describe('invariants', () => {
  test.each(bregman)('%s: |v| ≤ λ wherever θ is 0, and weights stay inside the mask', async (id) => {
    await train(id, settings(id), {
      steps: 40,
      inspect: async ({ network }) => {
        expect(await strayWeights(network)).toBe(0);
        for (const name of weights) {
          const [theta, dual] = [await network.read(name, 'value'), await network.read(name, 'dual')];
          dual.forEach((v, i) => {
            if (theta[i] === 0) expect(Math.abs(v)).toBeLessThanOrEqual(0.02 * (1 + 1e-6));
          });
        }
      },
    });
  });

  test.each(['linbreg', 'adabreg'])('%s: the mask is the support after every step', async (id) => {
    await train(id, settings(id), {
      steps: 40,
      inspect: async ({ network }) => {
        for (const name of weights) {
          const support = [...(await network.read(name, 'value'))].map((x) => (x === 0 ? 0 : 1));
          expect([...(await network.readMask(name))]).toEqual(support);
        }
      },
    });
  });
});

describe('multilevel cycles', () => {
  test.each(['ml-linbreg', 'ml-adabreg'])(
    '%s: masks change in fine steps only; frozen duals and moments do not move',
    async (id) => {
      const phases: string[] = [];
      let masks: Uint8Array[] = [];
      let duals: Float32Array[] = [];
      let changes = 0;
      await train(
        id,
        { ...settings(id), coarseSteps: 4, learningRate: 0.02, lambda: 0.03 },
        {
          steps: 40,
          inspect: async ({ plan, network }) => {
            phases.push(plan.phase);
            const newMasks = await Promise.all(weights.map((name) => network.readMask(name)));
            const newDuals = await Promise.all(weights.map((name) => network.read(name, 'dual')));
            if (plan.phase === 'coarse') {
              expect(newMasks).toEqual(masks);
              newDuals.forEach((dual, l) =>
                dual.forEach((v, i) => {
                  if (!masks[l][i]) expect(v).toBe(duals[l][i]);
                }),
              );
            } else if (masks.length && newMasks.some((mask, l) => mask.some((is, i) => is !== masks[l][i])))
              changes++;
            [masks, duals] = [newMasks, newDuals];
          },
        },
      );
      expect(phases.slice(0, 11).join(' ')).toBe(
        'fine coarse coarse coarse coarse fine coarse coarse coarse coarse fine',
      );
      expect(changes).toBeGreaterThan(0);
    },
  );

  test('the end drops weights that the last coarse steps set to 0', async () => {
    const { network } = await train('ml-linbreg', { ...start, lambda: 0.05, coarseSteps: 49 }, { steps: 50 });
    for (const name of weights) {
      const nonzero = (await network.read(name, 'value')).filter((x) => x !== 0).length;
      expect(network.activeCount(name)).toBe(nonzero);
    }
  });

  test('a fine step averages its batches', async () => {
    const method = methodById('ml-linbreg');
    const values = parseValues(method.fields, { fineBatches: 8, coarseSteps: 2 }, 'method');
    const horizon = { totalSteps: 10, stepsPerEpoch: 10 };
    expect([0, 1, 2, 3].map((step) => method.plan(values, step, horizon).batches)).toEqual([8, 1, 1, 8]);
    const { before, after } = await train('ml-linbreg', { ...start, fineBatches: 8 }, { steps: 30 });
    expect(after).toBeLessThan(before);
  });
});

describe('adaptive λ', () => {
  test.each([
    ['linbreg', 0.4],
    ['adabreg', 0.5],
    ['linbreg-momentum', 0.8],
  ])('%s reaches a sparsity of %f', async (id, targetSparsity) => {
    const values = { ...settings(id), adaptive: true, targetSparsity, adaptiveInterval: 5, lambda: 0.005 };
    const { network, metrics } = await train(id, values, { steps: 600 });
    expect(Math.abs(1 - activeCount(network) / weightCount - targetSparsity)).toBeLessThan(0.05);
    expect(metrics.lambda).not.toBe(0.005);
  });

  test('moves λ by 1 + a|s − s*| at its interval, in fine steps for multilevel methods, and leaves v alone', async () => {
    const lambdas: number[] = [];
    const sparsities: number[] = [];
    const raw = {
      ...start,
      coarseSteps: 4,
      adaptive: true,
      targetSparsity: 0.9,
      adaptiveInterval: 2,
      adaptiveGain: 2,
    };
    await train('ml-linbreg', raw, {
      steps: 12,
      inspect: async ({ network, state }) => {
        lambdas.push(state.lambda as number);
        sparsities.push(1 - activeCount(network) / weightCount);
      },
    });
    // Fine steps are 0, 5 and 10; the second of them is the first to move λ.
    expect(lambdas.slice(0, 5)).toEqual(Array(5).fill(0.02));
    expect(lambdas[5]).toBeCloseTo(0.02 * (1 + 2 * Math.abs(sparsities[5] - 0.9)), 12);
    expect(lambdas[11]).toBe(lambdas[5]);
  });

  test('keeps λ within its bounds', async () => {
    const raw = {
      ...start,
      adaptive: true,
      targetSparsity: 0.99,
      adaptiveGain: 100,
      adaptiveInterval: 1,
      lambdaMax: 0.05,
    };
    const { metrics } = await train('linbreg', raw, { steps: 10 });
    expect(metrics.lambda).toBe(0.05);
  });

  test('refuses a start outside the bounds and bounds that exclude each other', async () => {
    await expect(train('linbreg', { adaptive: true, lambda: 0 }, { steps: 1 })).rejects.toThrow(
      /method\.lambda: 0 /,
    );
    await expect(
      train('linbreg', { adaptive: true, lambdaMin: 1, lambdaMax: 0.1 }, { steps: 1 }),
    ).rejects.toThrow(/method\.lambdaMin: 1 .*0\.1/);
    await expect(train('linbreg', { lambda: 0 }, { steps: 1 })).resolves.toBeDefined();
  });
});
