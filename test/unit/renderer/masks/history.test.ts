import { describe, expect, it } from 'vitest';
import { MaskHistory } from '../../../../renderer/masks/history.ts';
import { entriesOf, fromEntries, randomMask } from './random-masks.ts';

describe('the history of a mask', () => {
  const steps = [0, 100, 250, 300, 700];
  const masks = steps.map((_, i) => randomMask(9, 13, 0.3, 30 + i));
  const entries = masks.map(entriesOf);
  const history = new MaskHistory(9, 13);
  steps.forEach((step, i) => history.push(step, masks[i]));
  const all = Array.from({ length: 9 * 13 }, (_, i) => i);

  it('counts born, died, regrown and explored', () => {
    history.points.forEach((point, k) => {
      const now = entries[k];
      const before = entries[k - 1] ?? now;
      const everBefore = (i: number) => entries.slice(0, k).some((mask) => mask[i]);
      const count = (test: (i: number) => boolean) => all.filter(test).length;
      expect(point).toEqual({
        step: steps[k],
        nnz: count((i) => now[i] === 1),
        born: count((i) => now[i] > before[i]),
        died: count((i) => now[i] < before[i]),
        regrown: count((i) => now[i] > before[i] && everBefore(i)),
        explored: count((i) => everBefore(i) || now[i] === 1) / all.length,
      });
    });
  });

  it('knows since when an entry is as it is, and how often it flipped', () => {
    const since = history.sinceSteps();
    const flips = history.flipCounts();
    for (const i of all) {
      const timeline = entries.map((mask) => mask[i]);
      const changes = timeline.flatMap((state, k) => (k > 0 && state !== timeline[k - 1] ? [k] : []));
      expect(flips[i]).toBe(changes.length);
      expect(since[i]).toBe(steps[changes.at(-1) ?? 0]);
    }
  });

  it('estimates the survival of links', () => {
    // Four links: two die after 100 steps, one after 200, one lives on.
    const small = new MaskHistory(1, 4);
    small.push(0, fromEntries(1, 4, [1, 1, 1, 1]));
    small.push(100, fromEntries(1, 4, [0, 0, 1, 1]));
    small.push(200, fromEntries(1, 4, [0, 0, 0, 1]));
    expect(small.survival()).toEqual([
      { age: 0, share: 1 },
      { age: 100, share: 0.5 },
      { age: 200, share: 0.25 },
    ]);
    // A link born late is watched for a short time only, and does not count beyond.
    const late = new MaskHistory(1, 2);
    late.push(0, fromEntries(1, 2, [1, 0]));
    late.push(100, fromEntries(1, 2, [1, 1]));
    late.push(200, fromEntries(1, 2, [0, 1]));
    expect(late.survival()).toEqual([
      { age: 0, share: 1 },
      { age: 100, share: 1 },
      { age: 200, share: 0 },
    ]);
  });
});
