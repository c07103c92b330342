import { describe, expect, it } from 'vitest';
import { binomial, degrees, shareAtLeast, summarizeDegrees } from '../../../../renderer/masks/degrees.ts';
import { entriesOf, oddShapes, randomMask } from './random-masks.ts';

describe('degrees', () => {
  it.each(oddShapes)('counts rows and columns of %i × %i', (rows, columns) => {
    const mask = randomMask(rows, columns, 0.2, 7);
    const entries = entriesOf(mask);
    const counted = degrees(mask);
    for (let r = 0; r < rows; r++) {
      expect(counted.rows[r]).toBe(entries.slice(r * columns, (r + 1) * columns).reduce((a, b) => a + b, 0));
    }
    for (let c = 0; c < columns; c++) {
      expect(counted.columns[c]).toBe(entries.reduce((n, e, i) => n + (i % columns === c ? e : 0), 0));
    }
  });

  it('summarizes a distribution', () => {
    const summary = summarizeDegrees(Uint32Array.of(0, 1, 1, 4, 0, 6));
    expect(summary).toMatchObject({ units: 6, dead: 2, single: 2, min: 0, max: 6, mean: 2 });
    expect([...summary.counts]).toEqual([2, 2, 0, 0, 1, 0, 1]);
    expect([...shareAtLeast(summary.counts)]).toEqual([1, 4 / 6, 2 / 6, 2 / 6, 2 / 6, 1 / 6, 1 / 6]);
  });

  it('measures inequality like the definition does', () => {
    const list = [0, 3, 3, 8, 1, 25, 2];
    const mean = list.reduce((a, b) => a + b) / list.length;
    const apart = list.flatMap((x) => list.map((y) => Math.abs(x - y))).reduce((a, b) => a + b);
    const gini = apart / (2 * list.length ** 2 * mean);
    expect(summarizeDegrees(Uint32Array.from(list)).gini).toBeCloseTo(gini, 12);
    expect(summarizeDegrees(Uint32Array.of(5, 5, 5)).gini).toBe(0);
    expect(summarizeDegrees(Uint32Array.of(0, 0)).gini).toBe(0);
    expect(summarizeDegrees(new Uint32Array()).min).toBe(0);
  });

  it('expects of a random mask what a binomial distribution says', () => {
    const p = binomial(4, 0.25, 4);
    [81, 108, 54, 12, 1].forEach((n, k) => expect(p[k]).toBeCloseTo(n / 256, 12));
    // Far from where a product of probabilities would underflow.
    const large = binomial(100_000, 0.3, 100_000);
    expect(large.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(large.indexOf(Math.max(...large))).toBe(30_000);
    expect([...binomial(3, 0, 3)]).toEqual([1, 0, 0, 0]);
    expect([...binomial(3, 1, 3)]).toEqual([0, 0, 0, 1]);
  });
});
