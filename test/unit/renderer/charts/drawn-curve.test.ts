import { describe, expect, it } from 'vitest';
import { DrawnCurve } from '../../../../renderer/charts/drawn-curve.ts';
import { curveOf, emptyCurve, randomPoints, type Point } from './curves.ts';

/** The definition, far from the recursion: weighted mean of all finite values so far, wⁿ⁻ⁱ for the i-th of n. */
function movingAverage(values: readonly number[], w: number): number[] {
  const finite: number[] = [];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    finite.push(value);
    let sum = 0;
    let weights = 0;
    finite.forEach((x, i) => {
      const weight = w ** (finite.length - 1 - i);
      sum += weight * x;
      weights += weight;
    });
    return sum / weights;
  });
}

describe('a live tail', () => {
  it.each([0, 0.5, 0.9, 0.99])('equals a new query over all points with smoothing %s', (w) => {
    for (let seed = 1; seed <= 25; seed++) {
      const points = randomPoints(seed, 20 + seed * 7);
      const cut = seed % points.length;
      const live = new DrawnCurve(curveOf(points.slice(0, cut), w), w);
      for (const { step, x, value } of points.slice(cut)) live.append(step, x, value);
      const fresh = new DrawnCurve(curveOf(points, w), w);
      expect(live.length).toBe(fresh.length);
      const averages = movingAverage(
        points.map(({ value }) => value),
        w,
      );
      for (let i = 0; i < fresh.length; i++) {
        expect(live.x[i]).toBe(fresh.x[i]);
        expect(live.last[i]).toBe(fresh.last[i]);
        expect(live.nonFinite[i]).toBe(fresh.nonFinite[i]);
        if (Number.isFinite(averages[i])) expect(live.smooth[i]).toBeCloseTo(averages[i], 9);
        else expect(live.smooth[i]).toBe(averages[i]);
      }
      expect(live.total).toBe(points.length);
    }
  });

  it('passes over points that the query already had', () => {
    const points = randomPoints(3, 30);
    const curve = new DrawnCurve(curveOf(points, 0.9), 0.9);
    for (const { step, x, value } of points) curve.append(step, x, value);
    expect(curve.length).toBe(30);
    expect(curve.tail).toBe(0);
  });

  it('starts from nothing', () => {
    const curve = new DrawnCurve(emptyCurve('a', 'test/loss'), 0.9);
    curve.append(0, 0, 4);
    expect(curve.smooth[0]).toBeCloseTo(4, 12);
    expect(curve.length).toBe(1);
  });
});

describe('nearest and xOfStep', () => {
  const points: Point[] = [0, 10, 20, 40].map((step) => ({ step, x: step / 10, value: step }));
  const curve = new DrawnCurve(curveOf(points, 0), 0);

  it('finds the nearest point, and the ends beyond them', () => {
    expect([-5, 0.4, 0.6, 2.9, 3.1, 99].map((x) => curve.nearest(x))).toEqual([0, 0, 1, 2, 3, 3]);
    expect(new DrawnCurve(emptyCurve('a', 'b'), 0).nearest(1)).toBe(-1);
  });

  it('places steps between points, and none outside', () => {
    expect(curve.xOfStep(30)).toBeCloseTo(3);
    expect(curve.xOfStep(10)).toBe(1);
    expect(curve.xOfStep(41)).toBeUndefined();
  });
});
