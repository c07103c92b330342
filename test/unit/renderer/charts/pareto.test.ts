import { describe, expect, it } from 'vitest';
import { paretoFront } from '../../../../renderer/charts/pareto.ts';
import { Random } from '../../../../shared/random.ts';

/** By definition, in O(n²): a point stays if no other is at least as good in both and better in one. */
function naiveFront(points: readonly { x: number; y: number }[]) {
  return points.filter((p) => !points.some((q) => q.x <= p.x && q.y >= p.y && (q.x < p.x || q.y > p.y)));
}

describe('paretoFront', () => {
  it('finds what the definition finds', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed, 'front');
      // Few distinct values, so that ties are common.
      const points = Array.from({ length: 60 }, () => ({ x: random.uint32() % 15, y: random.uint32() % 15 }));
      const text = (ps: readonly { x: number; y: number }[]) =>
        [...new Set(ps.map(({ x, y }) => `${x},${y}`))].sort();
      expect(text(paretoFront(points))).toEqual(text(naiveFront(points)));
    }
  });

  it('is ordered by x, rises in y, and keeps the points themselves', () => {
    const best = { x: 1, y: 5, id: 'best' };
    const front = paretoFront([{ x: 3, y: 9, id: 'far' }, best, { x: 2, y: 4, id: 'beaten' }]);
    expect(front.map(({ id }) => id)).toEqual(['best', 'far']);
    expect(front[0]).toBe(best);
  });

  it('leaves out points that lack a value, and keeps one of equal ones', () => {
    expect(
      paretoFront([
        { x: NaN, y: 1 },
        { x: 1, y: Infinity },
      ]),
    ).toEqual([]);
    expect(
      paretoFront([
        { x: 1, y: 1 },
        { x: 1, y: 1 },
      ]),
    ).toHaveLength(1);
    expect(paretoFront([])).toEqual([]);
  });
});
