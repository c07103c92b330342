import { describe, expect, it } from 'vitest';
import {
  checkBlocks,
  checkFanIn,
  checkGroups,
  withoutViolations,
} from '../../../../renderer/masks/patterns.ts';
import { degrees } from '../../../../renderer/masks/degrees.ts';
import { entriesOf, fromEntries, oddShapes, randomMask } from './random-masks.ts';

function naiveGroups(rows: number, columns: number, entries: number[], m: number): number[][] {
  const groups: number[][] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c += m) {
      groups.push(entries.slice(r * columns + c, r * columns + Math.min(c + m, columns)));
    }
  }
  return groups;
}
const ones = (list: number[]) => list.filter(Boolean).length;

describe('n:m patterns', () => {
  it.each(oddShapes)('are checked group by group on %i × %i', (rows, columns) => {
    const mask = randomMask(rows, columns, 0.4, 12);
    for (const pattern of [
      { n: 1, m: 4 },
      { n: 2, m: 4 },
      { n: 4, m: 8 },
    ]) {
      const groups = naiveGroups(rows, columns, entriesOf(mask), pattern.m);
      const bad = groups.filter((group) => ones(group) > pattern.n);
      expect(checkGroups(mask, pattern)).toMatchObject({
        groups: groups.length,
        violating: bad.length,
        excess: bad.reduce((sum, group) => sum + ones(group) - pattern.n, 0),
      });
      const kept = withoutViolations(mask, pattern);
      expect(checkGroups(kept, pattern).violating).toBe(0);
      expect(ones(entriesOf(kept))).toBe(ones(entriesOf(mask)) - bad.reduce((s, g) => s + ones(g), 0));
    }
  });

  it('leave a mask that obeys alone', () => {
    const mask = fromEntries(2, 8, [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1]);
    expect(checkGroups(mask, { n: 2, m: 4 })).toMatchObject({ violating: 0, counts: [1, 0, 3, 0, 0] });
    expect(withoutViolations(mask, { n: 2, m: 4 }).bits).toEqual(mask.bits);
  });
});

describe('blocks and fan-in', () => {
  it.each(oddShapes)('counts empty blocks of %i × %i', (rows, columns) => {
    const mask = randomMask(rows, columns, 0.03, 13);
    const entries = entriesOf(mask);
    for (const { size, blocks, empty } of checkBlocks(mask)) {
      let all = 0;
      let none = 0;
      for (let r = 0; r < rows; r += size) {
        for (let c = 0; c < columns; c += size) {
          all++;
          const any = entries.some(
            (e, i) =>
              e &&
              Math.floor(Math.floor(i / columns) / size) * size === r &&
              Math.floor((i % columns) / size) * size === c,
          );
          if (!any) none++;
        }
      }
      expect([blocks, empty]).toEqual([all, none]);
    }
  });

  it('accepts a constant fan-in with ablated rows', () => {
    const mask = fromEntries(4, 4, [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1]);
    expect(checkFanIn(degrees(mask).rows)).toEqual({
      fanIn: 2,
      rows: 3,
      aliveRows: 3,
      deadRows: 1,
      min: 2,
      max: 2,
    });
    expect(checkFanIn(Uint32Array.of(3, 1, 3, 0, 2))).toMatchObject({ fanIn: 3, rows: 2, aliveRows: 4 });
    expect(checkFanIn(Uint32Array.of(0, 0))).toMatchObject({ fanIn: 0, rows: 0, aliveRows: 0 });
  });
});
