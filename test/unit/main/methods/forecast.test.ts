import { describe, expect, test } from 'vitest';
import { distributionLayers } from '../../../../main/methods/masks.ts';
import { methodById, methods } from '../../../../main/methods/registry.ts';
import { analyse } from '../../../../main/models/graph.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { graph, train, weightCount, weights } from './harness.ts';

const steps = 100;
const horizon = { totalSteps: steps, stepsPerEpoch: 16 };
const { parameters } = analyse(graph);
const layers = distributionLayers(
  { parameters },
  parameters.filter(({ role }) => role === 'weight'),
);
const sizes = [256, 512, 32];

function forecast(id: string, raw: Record<string, unknown>) {
  const method = methodById(id);
  return method.forecast!(parseValues(method.fields, raw, 'method'), layers, horizon);
}

/** Densities per layer that a run really has: at the start, on average over its steps, and at the end. */
async function measure(id: string, raw: Record<string, unknown>) {
  const sums = weights.map(() => 0);
  let start: number[] = [];
  let now: number[] = [];
  const densities = (count: (name: string) => number) => weights.map((name, l) => count(name) / sizes[l]);
  await train(id, raw, {
    steps,
    started: async (network) => {
      start = now = densities((name) => network.activeCount(name));
    },
    inspect: async ({ network }) => {
      // A step is computed with the masks that it finds.
      now.forEach((d, l) => (sums[l] += d));
      now = densities((name) => network.activeCount(name));
    },
  });
  return { start, average: sums.map((sum) => sum / steps), end: now };
}

const mean = (densities: readonly number[]) =>
  densities.reduce((sum, d, l) => sum + d * sizes[l], 0) / weightCount;

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  actual.forEach((d, l) => expect(Math.abs(d - expected[l])).toBeLessThanOrEqual(tolerance));
}

describe('forecasts come true', () => {
  test.each([
    ['static', { density: 0.3, distribution: 'er' }],
    ['static', { density: 0.3, layerDensities: 'fc2.weight=0.5' }],
    ['set', { density: 0.3, updateInterval: 10 }],
    ['rigl', { density: 0.3, updateInterval: 10, layerDensities: 'fc1.weight=0.125,fc3.weight=1' }],
    ['rigl-itop', { density: 0.2, updateInterval: 10 }],
    ['oneshot', { density: 0.2, scope: 'layer' }],
    ['oneshot', { density: 0.2, scope: 'layer', layerDensities: 'fc2.weight=0.5' }],
  ])('%s %o, layer by layer', async (id, raw) => {
    const expected = forecast(id, raw);
    const actual = await measure(id, { learningRate: 0.01, ...raw });
    expect(expected.assumption).toBe('');
    // A layer's count is within one of d·n, and the smallest layer has 32 weights.
    for (const at of ['start', 'average', 'end'] as const) expectNear(actual[at], expected[at], 1 / 32);
  });

  test.each([
    ['gmp', { density: 0.1, scope: 'layer', distribution: 'uniform', pruningInterval: 1 }],
    ['gmp', { density: 0.2, scope: 'layer', layerDensities: 'fc1.weight=0.5', pruningInterval: 1 }],
  ])('%s %o, along its schedule', async (id, raw) => {
    const expected = forecast(id, raw);
    const actual = await measure(id, { learningRate: 0.01, ...raw });
    expectNear(actual.end, expected.end, 1 / 32);
    expectNear(actual.average, expected.average, 0.02);
  });

  test.each(['gmp', 'oneshot'])('%s with one threshold for all: the total, and an assumption', async (id) => {
    const raw = { density: 0.1, pruningInterval: 1 };
    const settings = id === 'gmp' ? raw : { density: 0.1 };
    const expected = forecast(id, settings);
    const actual = await measure(id, { learningRate: 0.01, ...settings });
    expect(expected.assumption).toContain('Assumed to be even');
    expect(Math.abs(mean(actual.average) - mean(expected.average))).toBeLessThan(0.02);
    expect(mean(actual.end)).toBeCloseTo(mean(expected.end), 2);
  });

  test.each(['linbreg', 'ml-linbreg', 'adabreg', 'ml-adabreg', 'linbreg-momentum'])(
    '%s says that its density is an outcome, or the target of adaptive λ',
    (id) => {
      const free = forecast(id, { initialDensity: 0.04, lambda: 0.5 });
      expect(free.start).toEqual([0.04, 0.04, 0.04]);
      expect(free.assumption).toMatch(/outcome of λ = 0\.5.*initial 4 %/);
      const steered = forecast(id, { adaptive: true, targetSparsity: 0.8 });
      expect(mean(steered.average)).toBeCloseTo(0.2, 12);
      expect(steered.assumption).toContain('20 %');
    },
  );

  test('every method that leaves layers sparse has one', () => {
    for (const { id, taxonomy, forecast: has } of methods)
      expect(Boolean(has), id).toBe(taxonomy.end === 'sparse');
  });
});

test('a density that would empty a layer, or a layer that is not there, is refused before the run', () => {
  expect(() => forecast('rigl', { density: 0.001 })).toThrow(/method\.density: too small/);
  expect(() => forecast('gmp', { scope: 'layer', layerDensities: 'conv.weight=0.5' })).toThrow(
    /method\.layerDensities: "conv\.weight"/,
  );
});
