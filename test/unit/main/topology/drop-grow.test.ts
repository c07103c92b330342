import { describe, expect, test } from 'vitest';
import { dropAndGrow, dropFractionAt } from '../../../../main/topology/drop-grow.ts';
import { topK } from '../../../../main/topology/select.ts';

describe('drop and grow', () => {
  const mask = new Uint8Array([1, 1, 1, 1, 0, 0, 0, 0]);
  const weights = new Float32Array([-4, 0.1, 3, -0.2, 0, 0, 0, 0]);

  test('drops the smallest magnitudes and grows the best of all that were not kept', () => {
    const gradients = new Float32Array([9, 0, 9, 0, 1, 3, 0, 2]);
    const updated = dropAndGrow(mask, weights, 2, (candidates, k) => topK(gradients, k, candidates));
    expect([...updated]).toEqual([1, 0, 1, 0, 0, 1, 0, 1]);
  });

  test('lets a just-dropped weight return', () => {
    const gradients = new Float32Array([0, 9, 0, 0, 1, 0, 0, 0]);
    const updated = dropAndGrow(mask, weights, 2, (candidates, k) => topK(gradients, k, candidates));
    expect([...updated]).toEqual([1, 1, 1, 0, 1, 0, 0, 0]);
  });

  test('with k = 0 changes nothing', () => {
    expect(dropAndGrow(mask, weights, 0, (candidates) => new Uint8Array(candidates.length))).toEqual(mask);
  });
});

describe('drop fraction', () => {
  test('falls along a cosine from α to 0, or stays', () => {
    expect(dropFractionAt(0.3, 'cosine', 0, 1000)).toBe(0.3);
    expect(dropFractionAt(0.3, 'cosine', 500, 1000)).toBeCloseTo(0.15, 12);
    expect(dropFractionAt(0.3, 'cosine', 1000, 1000)).toBeCloseTo(0, 12);
    expect(dropFractionAt(0.3, 'constant', 700, 1000)).toBe(0.3);
  });
});
