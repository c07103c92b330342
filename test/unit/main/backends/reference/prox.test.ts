import { describe, expect, test } from 'vitest';
import type { Regularizer } from '../../../../../main/backends/backend.ts';
import { prox } from '../../../../../main/backends/reference/prox.ts';
import { Random } from '../../../../../shared/random.ts';
import { normals } from '../../../../support/networks.ts';

const shape = [3, 2, 2, 2];

/** J(z) written down from its definition. */
function penalty(z: Float64Array, regularizer: Regularizer): number {
  const l1 = (lambda: number) => lambda * z.reduce((sum, v) => sum + Math.abs(v), 0);
  const groups = (size: number, lambda: number) => {
    let sum = 0;
    for (let i = 0; i < z.length; i += size)
      sum += lambda * Math.sqrt(size) * Math.hypot(...z.subarray(i, i + size));
    return sum;
  };
  switch (regularizer.kind) {
    case 'none':
      return 0;
    case 'l1':
      return l1(regularizer.lambda);
    case 'l1-positive':
      return z.some((v) => v < 0) ? Infinity : l1(regularizer.lambda);
    case 'group-rows':
      return groups(8, regularizer.lambda);
    case 'group-kernels':
      return groups(4, regularizer.lambda);
    case 'l1-group':
      return l1(regularizer.lambda) + groups(4, regularizer.groupLambda);
  }
}

const regularizers: Regularizer[] = [
  { kind: 'none' },
  { kind: 'l1', lambda: 0.5 },
  { kind: 'l1-positive', lambda: 0.5 },
  { kind: 'group-rows', lambda: 0.5 },
  { kind: 'group-kernels', lambda: 0.5 },
  { kind: 'l1-group', lambda: 0.3, groupLambda: 0.3 },
];

describe.each(regularizers)('prox of $kind', (regularizer) => {
  test('minimises ½‖z − x‖² + s·J(z): no nearby point is better', () => {
    const random = new Random(3);
    const s = 0.7;
    for (let trial = 0; trial < 20; trial++) {
      const x = Float64Array.from(normals(24, random));
      const z = x.slice();
      prox(z, regularizer, shape, s);
      const objective = (p: Float64Array) =>
        0.5 * p.reduce((sum, v, i) => sum + (v - x[i]) ** 2, 0) + s * penalty(p, regularizer);
      const best = objective(z);
      for (let k = 0; k < 200; k++) {
        const step = 10 ** (-4 * random.uniform());
        const nearby = z.map((v) => (random.uniform() < 0.3 ? v + step * random.normal() : v));
        expect(objective(nearby)).toBeGreaterThanOrEqual(best - 1e-12);
      }
    }
  });
});

test('rows stand in for kernels on linear layers', () => {
  const x = Float64Array.of(3, 4, 0.1, 0.1);
  prox(x, { kind: 'group-kernels', lambda: 1 }, [2, 2], 1);
  const factor = 1 - Math.SQRT2 / 5;
  expect(x[0]).toBeCloseTo(3 * factor, 12);
  expect(x[1]).toBeCloseTo(4 * factor, 12);
  expect([...x.subarray(2)]).toEqual([0, 0]);
});
