import { describe, expect, test } from 'vitest';
import {
  layerCounts,
  layerDensities,
  type DistributionKind,
} from '../../../../main/topology/distribution.ts';
import golden from '../../../golden/distributions.json' with { type: 'json' };

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const layersOf = (shapes: readonly (readonly number[])[]) =>
  shapes.map((shape, l) => ({
    name: `layer${l}`,
    shape,
    position: l === 0 ? ('first' as const) : l === shapes.length - 1 ? ('last' as const) : undefined,
  }));
const mlp = layersOf([
  [200, 784],
  [80, 200],
  [10, 80],
]);
const total = 173600;

describe('layer densities', () => {
  test('a density set for one layer leaves the others as the distribution has them', () => {
    const free = layerDensities('erk', 0.1, mlp);
    const set = layerDensities('erk', 0.1, mlp, new Map([['layer1', 0.5]]));
    expect(set).toEqual([free[0], 0.5, free[2]]);
    expect(layerCounts(set, mlp)[1]).toBe(8000);
  });

  test('a density set for a layer that is not sparse is refused by name', () => {
    expect(() => layerDensities('er', 0.1, mlp, new Map([['fc9.weight', 0.5]]))).toThrow(
      /method\.layerDensities: "fc9\.weight" is not a sparse layer.*layer0, layer1, layer2/,
    );
  });

  test.each(golden.cases.map((c) => [`${c.kind} ${c.density} over ${c.shapes.length} layers`, c] as const))(
    '%s equal the published algorithm within one weight',
    (_, { kind, density, shapes, densities }) => {
      const layers = layersOf(shapes);
      const ours = layerDensities(kind as DistributionKind, density, layers);
      const counts = layerCounts(ours, layers);
      shapes.forEach((shape, l) => {
        expect(Math.abs(ours[l] - densities[l]) * size(shape)).toBeLessThan(1e-3);
        expect(Math.abs(counts[l] - densities[l] * size(shape))).toBeLessThanOrEqual(1);
      });
      const weights = shapes.reduce((sum, shape) => sum + size(shape), 0);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(Math.round(density * weights));
    },
  );

  test('uniform+ keeps the first layer dense, the last at 20 % or more, and the budget', () => {
    const layers = layersOf([
      [64, 3, 3, 3],
      [128, 64, 3, 3],
      [256, 128, 3, 3],
      [10, 256],
    ]);
    const densities = layerDensities('uniform-plus', 0.1, layers);
    expect(densities[0]).toBe(1);
    expect(densities[3]).toBe(0.2);
    expect(densities[1]).toBe(densities[2]);
    const spent = layers.reduce((sum, layer, l) => sum + densities[l] * size(layer.shape), 0);
    expect(spent).toBeCloseTo(0.1 * layers.reduce((sum, { shape }) => sum + size(shape), 0), 6);
  });

  test('uniform+ refuses a budget that the first layer alone exceeds and names what would do', () => {
    expect(() => layerDensities('uniform-plus', 0.1, mlp)).toThrow(/method\.density: 0\.1 .*at least 0\.9/);
    expect(layerDensities('uniform-plus', 0.905, mlp)).toEqual([1, expect.closeTo(0.00925, 6), 0.2]);
  });

  test('density 1 makes every layer dense under every distribution', () => {
    for (const kind of ['uniform', 'uniform-plus', 'er', 'erk'] as const) {
      layerDensities(kind, 1, mlp).forEach((d) => expect(d).toBeCloseTo(1, 12));
    }
  });
});

describe('layer counts', () => {
  test('meet the total exactly and every layer within one entry', () => {
    for (const density of [0.00371, 0.05, 0.1, 1 / 3, 0.77777]) {
      const densities = layerDensities('uniform', density, mlp);
      const counts = layerCounts(densities, mlp);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(Math.round(density * total));
      counts.forEach((count, l) =>
        expect(Math.abs(count - densities[l] * size(mlp[l].shape))).toBeLessThan(1),
      );
    }
  });

  test('refuse to leave a layer without weights, naming it', () => {
    expect(() => layerCounts([0.001, 0.001, 0.0001], mlp)).toThrow(/method\.density.*layer2 \(800 weights\)/);
  });
});
