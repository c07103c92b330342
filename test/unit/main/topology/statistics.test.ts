import { describe, expect, test } from 'vitest';
import {
  addToUnion,
  degrees,
  density,
  difference,
  storedBytes,
} from '../../../../main/topology/statistics.ts';
import { randomMask } from '../../../../main/topology/select.ts';
import { Random } from '../../../../shared/random.ts';

describe('mask statistics', () => {
  test('stored bytes: compressed rows while they are smaller than the dense matrix', () => {
    expect(storedBytes(10, 1000, 100)).toBe(8 * 100 + 4 * 11);
    expect(storedBytes(10, 1000, 1000)).toBe(4000);
  });

  test('degrees and dead units of a 3 x 4 mask', () => {
    const result = degrees(new Uint8Array([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]), 3, 4);
    expect([...result.rows]).toEqual([2, 0, 1]);
    expect([...result.columns]).toEqual([2, 0, 1, 0]);
    expect(result).toMatchObject({ deadRows: 1, deadColumns: 2 });
  });

  test('difference counts what was kept, born and died', () => {
    const result = difference(new Uint8Array([1, 1, 0, 0, 1]), new Uint8Array([1, 0, 1, 0, 0]));
    expect(result).toEqual({ kept: 1, born: 1, died: 2, hamming: 3, iou: 0.25 });
    expect(difference(new Uint8Array(3), new Uint8Array(3)).iou).toBe(1);
  });

  test('two random masks of density d overlap by d / (2 − d)', () => {
    const random = new Random(1);
    const d = 0.3;
    const [a, b] = [0, 1].map(() => randomMask(100000, 30000, random));
    expect(density(a)).toBe(d);
    expect(difference(a, b).iou).toBeCloseTo(d / (2 - d), 2);
  });

  test('the union grows by what is new only', () => {
    const union = new Uint8Array(4);
    expect(addToUnion(union, new Uint8Array([1, 0, 1, 0]))).toBe(2);
    expect(addToUnion(union, new Uint8Array([1, 1, 0, 0]))).toBe(1);
    expect([...union]).toEqual([1, 1, 1, 0]);
  });
});
