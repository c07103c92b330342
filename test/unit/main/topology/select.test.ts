import { describe, expect, test } from 'vitest';
import { countOnes, randomK, randomMask, topK } from '../../../../main/topology/select.ts';
import { Random } from '../../../../shared/random.ts';

/** The definition: sort by score, then by index. */
function sortedTopK(scores: Float32Array, k: number, eligible: Uint8Array): Uint8Array {
  const chosen = new Uint8Array(scores.length);
  [...scores.keys()]
    .filter((i) => eligible[i])
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, k)
    .forEach((i) => (chosen[i] = 1));
  return chosen;
}

describe('topK', () => {
  test('agrees with sorting on random, tied, negative and tiny scores', () => {
    const random = new Random(1);
    const kinds = [
      () => random.normal(),
      () => random.below(4) - 2,
      () => random.normal() * 1e-42,
      () => (random.below(2) ? 0 : -0),
      () => random.normal() * 10 ** (random.below(60) - 30),
    ];
    for (const draw of kinds) {
      for (const n of [1, 2, 17, 1000]) {
        const scores = new Float32Array(n).map(draw);
        const eligible = new Uint8Array(n).map(() => random.below(2));
        const available = countOnes(eligible);
        for (const k of [0, 1, available >> 1, available].filter((k) => k <= available)) {
          expect(topK(scores, k, eligible)).toEqual(sortedTopK(scores, k, eligible));
        }
        expect(topK(scores, n >> 1)).toEqual(sortedTopK(scores, n >> 1, new Uint8Array(n).fill(1)));
      }
    }
  });

  test('takes the lower index among equals', () => {
    expect([...topK(new Float32Array([1, 2, 2, 2, 0]), 2)]).toEqual([0, 1, 1, 0, 0]);
  });

  test('reads a view into a larger buffer', () => {
    const view = new Float32Array([9, 9, 1, 3, 2]).subarray(2);
    expect([...topK(view, 1)]).toEqual([0, 1, 0]);
  });

  test('refuses more than there is', () => {
    expect(() => topK(new Float32Array(3), 2, new Uint8Array([1, 0, 0]))).toThrow(RangeError);
    expect(() => topK(new Float32Array(3), -1)).toThrow(RangeError);
  });
});

describe('random selection', () => {
  test('is exact and stays among the eligible', () => {
    const random = new Random(2);
    const eligible = new Uint8Array(500).map((_, i) => (i % 3 === 0 ? 1 : 0));
    for (const k of [0, 1, 100, 167]) {
      const chosen = randomK(eligible, k, random);
      expect(countOnes(chosen)).toBe(k);
      expect(chosen.every((is, i) => !is || eligible[i] === 1)).toBe(true);
    }
    expect(() => randomK(eligible, 168, random)).toThrow(RangeError);
  });

  test('chooses every entry equally often', () => {
    const random = new Random(3);
    const hits = new Float64Array(10);
    const draws = 20000;
    for (let d = 0; d < draws; d++) randomMask(10, 3, random).forEach((is, i) => (hits[i] += is));
    const deviation = Math.sqrt(draws * 0.3 * 0.7);
    hits.forEach((n) => expect(Math.abs(n - 0.3 * draws)).toBeLessThan(5 * deviation));
  });

  test('repeats with the seed', () => {
    expect(randomMask(100, 30, new Random(4))).toEqual(randomMask(100, 30, new Random(4)));
    expect(randomMask(100, 30, new Random(4))).not.toEqual(randomMask(100, 30, new Random(5)));
  });
});
