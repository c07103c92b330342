import { describe, expect, it } from 'vitest';
import { difference, expectedIou, normalizedSad } from '../../../../renderer/masks/difference.ts';
import { entriesOf, oddShapes, randomMask } from './random-masks.ts';

describe('the difference of two masks', () => {
  it.each(oddShapes)('of %i × %i is what counting finds', (rows, columns) => {
    const a = randomMask(rows, columns, 0.5, 3);
    const b = randomMask(rows, columns, 0.3, 4);
    const [x, y] = [entriesOf(a), entriesOf(b)];
    const count = (test: (p: number, q: number) => boolean) => x.filter((p, i) => test(p, y[i])).length;
    const kept = count((p, q) => p === 1 && q === 1);
    const born = count((p, q) => p === 0 && q === 1);
    const died = count((p, q) => p === 1 && q === 0);
    const union = kept + born + died;
    expect(difference(a, b)).toMatchObject({
      kept,
      born,
      died,
      hamming: born + died,
      iou: union === 0 ? 1 : kept / union,
    });
  });

  it('of independent random masks has the expected overlap', () => {
    const a = randomMask(512, 512, 0.2, 5);
    const b = randomMask(512, 512, 0.05, 6);
    const { iou, expectedIou: expected } = difference(a, b);
    expect(iou).toBeCloseTo(expected, 2);
    expect(expectedIou(0.1, 0.1)).toBeCloseTo(0.1 / 1.9, 12);
    expect(expectedIou(0, 0)).toBe(1);
  });

  it('refuses masks of different shapes', () => {
    expect(() => difference(randomMask(2, 3, 1), randomMask(3, 2, 1))).toThrow('2 × 3');
  });

  it('compares weights', () => {
    expect(normalizedSad(Float32Array.of(1, -2, 0), Float32Array.of(1, -2, 0))).toBe(0);
    expect(normalizedSad(Float32Array.of(1, 0), Float32Array.of(0, 3))).toBe(1);
    expect(normalizedSad(Float32Array.of(1, 1), Float32Array.of(1, -1))).toBe(0.5);
    expect(normalizedSad(new Float32Array(2), new Float32Array(2))).toBe(0);
  });
});
