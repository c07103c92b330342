import { describe, expect, it } from 'vitest';
import {
  countOnes,
  countRange,
  forEachOne,
  popCount,
  splitDifference,
  wordsOf,
} from '../../../../renderer/masks/bits.ts';
import { entriesOf, oddShapes, randomMask } from './random-masks.ts';

const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);

describe('packed masks', () => {
  it('counts the ones of words', () => {
    expect([0, 1, 0xff, 0xffffffff, -1, 0x80000001, ~5].map(popCount)).toEqual([0, 1, 8, 32, 32, 2, 30]);
  });

  it.each(oddShapes)('counts and visits the ones of %i × %i', (rows, columns) => {
    const mask = randomMask(rows, columns, 0.3);
    const entries = entriesOf(mask);
    expect(countOnes(mask.bits)).toBe(sum(entries));
    const wrong: number[][] = [];
    for (let from = 0; from <= entries.length; from += Math.ceil(entries.length / 40)) {
      for (let to = from; to <= Math.min(from + 40, entries.length); to++) {
        if (countRange(mask.bits, from, to) !== sum(entries.slice(from, to))) wrong.push([from, to]);
      }
    }
    expect(wrong).toEqual([]);
    expect(countRange(mask.bits, 0, entries.length)).toBe(sum(entries));
    const visited: number[] = [];
    forEachOne(mask, (row, column, index) => {
      visited.push(column < columns ? row * columns + column : NaN, index);
    });
    expect(visited).toEqual(entries.flatMap((entry, i) => (entry ? [i, i] : [])));
  });

  it('reads bytes that do not start at a word', () => {
    const bits = new Uint8Array([9, 0xff, 0x0f, 1, 3, 7]).subarray(1);
    expect(countOnes(bits)).toBe(8 + 4 + 1 + 2 + 3);
    expect(wordsOf(bits)).toHaveLength(1);
  });

  it('splits a difference', () => {
    const a = randomMask(13, 17, 0.4, 1);
    const b = randomMask(13, 17, 0.4, 2);
    const [x, y] = [entriesOf(a), entriesOf(b)];
    const { kept, born, died } = splitDifference(a, b);
    expect(entriesOf(kept)).toEqual(x.map((p, i) => p & y[i]));
    expect(entriesOf(born)).toEqual(x.map((p, i) => (1 - p) & y[i]));
    expect(entriesOf(died)).toEqual(x.map((p, i) => p & (1 - y[i])));
    // The bits after the last entry stay zero, or every later count would be wrong.
    expect(countOnes(born.bits)).toBe(sum(entriesOf(born)));
  });
});
