import { describe, expect, test } from 'vitest';
import type { Network } from '../../../../main/backends/backend.ts';
import { targetCounts } from '../../../../main/methods/masks.ts';
import { methodById } from '../../../../main/methods/registry.ts';
import { addToUnion } from '../../../../main/topology/statistics.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { activeCount, distance, newNetwork, strayWeights, train, weightCount, weights } from './harness.ts';

const horizon = { totalSteps: 60, stepsPerEpoch: 16 };
const masksOf = (network: Network) => Promise.all(weights.map((name) => network.readMask(name)));
const dynamic = { density: 0.25, updateInterval: 6, dropFraction: 0.5 };

describe('fixed-budget methods', () => {
  test.each([
    ['static', {}],
    ['set', dynamic],
    ['rigl', dynamic],
    ['rigl-itop', dynamic],
    ['rigl-itop', { ...dynamic, growth: 'random' }],
    ['rigl', { ...dynamic, optimizer: 'adam', learningRate: 0.001, growthBatches: 3 }],
  ])('%s %o: every layer keeps its count and no weight strays from its mask', async (id, extra) => {
    let counts: number[] = [];
    await train(
      id,
      { density: 0.25, ...extra },
      {
        steps: 60,
        started: async (network) => {
          expect(activeCount(network)).toBe(0.25 * weightCount);
          counts = weights.map((name) => network.activeCount(name));
        },
        inspect: async ({ network }) => {
          expect(weights.map((name) => network.activeCount(name))).toEqual(counts);
          expect(await strayWeights(network)).toBe(0);
        },
      },
    );
  });

  test.each(['static', 'set', 'rigl'])('%s at density 1 is dense training', async (id) => {
    // RigL spends its update steps on masks instead of weights, so it is compared without any.
    const raw = { density: 1, learningRate: 0.1, updateEnd: 0 };
    const { fields } = methodById(id);
    const a = await train(id, Object.fromEntries(Object.entries(raw).filter(([key]) => key in fields)), {
      steps: 40,
    });
    const b = await train('sgd', { learningRate: 0.1 }, { steps: 40 });
    expect(await distance(a.network, b.network)).toBeLessThan(1e-6);
  });

  test("uniform+ keeps the network's first layer dense, not merely the first sparse one", async () => {
    const network = await newNetwork();
    const sparse = network.parameters.filter((p) => p.sparse);
    const density = { density: 0.6, distribution: 'uniform-plus', layerDensities: '' } as const;
    const all = targetCounts({ network, sparse }, density);
    expect(all[0]).toBe(256);
    expect(all.reduce((a, b) => a + b, 0)).toBe(0.6 * weightCount);
    const withoutFirst = targetCounts({ network, sparse: sparse.slice(1) }, density);
    expect(withoutFirst).toEqual([Math.round(0.6 * 512), Math.round(0.6 * 32)]);
  });

  test('static keeps its mask and can preserve the variance of activations', async () => {
    const dense = await newNetwork();
    let masks: Uint8Array[] = [];
    const { network } = await train(
      'static',
      { density: 0.25, distribution: 'uniform', preserveVariance: true },
      {
        steps: 20,
        started: async (n) => {
          masks = await masksOf(n);
          const [before, after] = [
            await dense.read('fc2.weight', 'value'),
            await n.read('fc2.weight', 'value'),
          ];
          after.forEach((x, i) => expect(x).toBeCloseTo(masks[1][i] ? 2 * before[i] : 0, 6));
        },
      },
    );
    expect(await masksOf(network)).toEqual(masks);
  });
});

describe('dynamic sparse training', () => {
  test('RigL grows the largest gradients of the step and leaves the weights that stay alone', async () => {
    let previous: { masks: Uint8Array[]; values: Float32Array[] } | undefined;
    let updates = 0;
    await train('rigl', dynamic, {
      steps: 40,
      inspect: async ({ plan, network, step }) => {
        const masks = await masksOf(network);
        const values = await Promise.all(weights.map((name) => network.read(name, 'value')));
        expect(plan.phase === 'topology').toBe(step > 0 && step % 6 === 0 && step < 30);
        if (plan.phase === 'topology') {
          updates++;
          expect(plan.gradients).toBe('dense');
          for (const [l, name] of weights.entries()) {
            const gradient = (await network.read(name, 'gradient')).map(Math.abs);
            const [momentum] = [await network.read(name, 'momentum')];
            let smallestGrown = Infinity;
            let largestLeft = 0;
            masks[l].forEach((is, i) => {
              const was = previous!.masks[l][i];
              if (is && was) expect(values[l][i]).toBe(previous!.values[l][i]);
              if (is && !was) {
                expect(values[l][i]).toBe(0);
                expect(momentum[i]).toBe(0);
                smallestGrown = Math.min(smallestGrown, gradient[i]);
              }
              if (!is) largestLeft = Math.max(largestLeft, gradient[i]);
            });
            expect(smallestGrown).toBeGreaterThanOrEqual(largestLeft);
          }
        } else if (previous) expect(masks).toEqual(previous.masks);
        previous = { masks, values };
      },
    });
    expect(updates).toBe(4);
  });

  test('RigL drops the smallest magnitudes: fewer entries change as the cosine falls', async () => {
    const changed: number[] = [];
    let masks: Uint8Array[] = [];
    let values: Float32Array[] = [];
    await train(
      'rigl',
      { ...dynamic, density: 0.5, updateInterval: 10, updateEnd: 1 },
      {
        steps: 100,
        inspect: async ({ plan, network }) => {
          const now = await masksOf(network);
          if (plan.phase === 'topology') {
            now.forEach((mask, l) => {
              const died = values[l].filter((_, i) => masks[l][i] && !mask[i]).map(Math.abs);
              const stayed = values[l].filter((_, i) => masks[l][i] && mask[i]).map(Math.abs);
              // Just-dropped weights may return, so the largest dropped is compared with the largest that stayed.
              if (died.length > 0) expect(Math.max(...died)).toBeLessThanOrEqual(Math.max(...stayed));
            });
            changed.push(
              now.reduce((sum, mask, l) => sum + mask.filter((is, i) => is && !masks[l][i]).length, 0),
            );
          }
          masks = now;
          values = await Promise.all(weights.map((name) => network.read(name, 'value')));
        },
      },
    );
    expect(changed[0]).toBeGreaterThan(3 * changed.at(-1)!);
  });

  test('SET needs no dense gradient and updates its weights in every step', () => {
    const method = methodById('set');
    const values = parseValues(method.fields, dynamic, 'method');
    for (let step = 0; step < 60; step++)
      expect(method.plan(values, step, horizon).gradients).toBe('support');
  });

  test('RigL-ITOP reports the share of weights ever active', async () => {
    let union: Uint8Array[] = [];
    const { metrics } = await train(
      'rigl-itop',
      { ...dynamic, growth: 'random' },
      {
        steps: 60,
        started: async (network) => {
          union = await masksOf(network);
        },
        inspect: async ({ network }) =>
          (await masksOf(network)).forEach((mask, l) => void addToUnion(union[l], mask)),
      },
    );
    const explored = union.reduce((sum, layer) => sum + layer.reduce((a, b) => a + b, 0), 0);
    expect(metrics.itopRate).toBe(explored / weightCount);
    expect(metrics.itopRate).toBeGreaterThan(0.4);
  });
});
