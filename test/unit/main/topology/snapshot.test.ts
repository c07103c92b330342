import { describe, expect, test } from 'vitest';
import { decodeChain, decodeMask, encodeMask } from '../../../../main/topology/snapshot.ts';
import { randomMask } from '../../../../main/topology/select.ts';
import { Random } from '../../../../shared/random.ts';

describe('mask snapshots', () => {
  test('survive encoding exactly at every density and size', () => {
    const random = new Random(1);
    for (const size of [1, 7, 8, 9, 4097, 60000]) {
      for (const density of [0, 0.0001, 0.01, 0.1, 0.5, 1]) {
        const mask = randomMask(size, Math.round(density * size), random);
        expect(decodeMask(encodeMask(mask), size)).toEqual(mask);
      }
    }
  });

  test('of rare ones are stored as gaps, of frequent ones as bits, whichever is smaller', () => {
    const random = new Random(2);
    const size = 200000;
    const rare = encodeMask(randomMask(size, 2000, random));
    expect(rare.encoding).toBe('gaps');
    // One byte for nearly every gap below 128, two beyond: far below the bitmap's 25 000 bytes.
    expect(rare.data.length).toBeLessThan(3000);
    const dense = encodeMask(randomMask(size, 100000, random));
    expect(dense.encoding).toBe('bits');
    expect(dense.data.length).toBeLessThan(size / 8 + 64);
  });

  test('differences are small and a chain of them decodes to the last mask', () => {
    const random = new Random(3);
    const size = 50000;
    const masks = [randomMask(size, 5000, random)];
    for (let i = 0; i < 5; i++) {
      const flips = randomMask(size, 200, random);
      masks.push(masks[i].map((is, at) => is ^ flips[at]));
    }
    const chain = masks.map((mask, i) => encodeMask(mask, masks[i - 1]));
    chain.slice(1).forEach((delta) => expect(delta.data.length).toBeLessThan(chain[0].data.length / 8));
    expect(decodeChain(chain, size)).toEqual(masks.at(-1));
    expect(decodeChain(chain.slice(0, 3), size)).toEqual(masks[2]);
  });

  test('damaged or misplaced data is refused', () => {
    const random = new Random(4);
    const bits = encodeMask(randomMask(1000, 500, random));
    const gaps = encodeMask(randomMask(1000, 5, random));
    expect(() => decodeMask(bits, 2000)).toThrow();
    expect(() => decodeMask({ ...bits, data: bits.data.slice(0, 20) }, 1000)).toThrow();
    expect(() => decodeMask(gaps, 100)).toThrow(/damaged/);
    expect(() => decodeMask({ ...gaps, data: new Uint8Array([0x80]) }, 1000)).toThrow(/damaged/);
    expect(() => decodeChain([], 10)).toThrow(/key frame/);
  });
});
