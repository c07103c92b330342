import { describe, expect, it } from 'vitest';
import { Random } from '../../../shared/random.ts';

const draw = (random: Random, n = 20) => Array.from({ length: n }, () => random.uint32());

describe('Random', () => {
  it('gives the same stream for the same seed and another for another seed or stream name', () => {
    expect(draw(new Random(7, 'a'))).toEqual(draw(new Random(7, 'a')));
    expect(draw(new Random(7, 'a'))).not.toEqual(draw(new Random(8, 'a')));
    expect(draw(new Random(7, 'a'))).not.toEqual(draw(new Random(7, 'b')));
    expect(draw(new Random(7))).not.toEqual(draw(new Random(7 + 2 ** 32)));
  });

  it('continues a saved stream exactly, the spare normal included', () => {
    const random = new Random(3);
    random.normal();
    const saved = JSON.parse(JSON.stringify(random.save()));
    const expected = Array.from({ length: 9 }, () => random.normal());
    const restored = new Random(99);
    restored.restore(saved);
    expect(Array.from({ length: 9 }, () => restored.normal())).toEqual(expected);
  });

  it('is uniform in below() and normal in normal()', () => {
    const random = new Random(1);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.below(7)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    const normals = Float64Array.from({ length: 100_000 }, () => random.normal());
    const mean = normals.reduce((a, b) => a + b) / normals.length;
    const variance = normals.reduce((a, b) => a + (b - mean) ** 2, 0) / normals.length;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  });

  it('shuffles to a permutation', () => {
    const items = new Random(5).shuffle(Int32Array.from({ length: 1000 }, (_, i) => i));
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(items[0] === 0 && items[1] === 1 && items[2] === 2).toBe(false);
  });
});
