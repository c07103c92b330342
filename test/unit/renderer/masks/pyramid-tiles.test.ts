import { describe, expect, it } from 'vitest';
import {
  blockArea,
  densityPyramid,
  densityQuantile,
  extremePyramid,
  levelCount,
  sumPyramid,
} from '../../../../renderer/masks/pyramid.ts';
import {
  countTile,
  densityTile,
  differenceTile,
  meanTile,
  tileSize,
  valueTile,
} from '../../../../renderer/masks/tiles.ts';
import { splitDifference, type BitMatrix } from '../../../../renderer/masks/bits.ts';
import { mix } from '../../../../renderer/masks/color.ts';
import { entriesOf, oddShapes, randomMask, randomNumbers, testPalette } from './random-masks.ts';

/** Everything in a block of a matrix, by looking at each entry. */
function block(mask: BitMatrix, level: number, row: number, column: number) {
  const size = 2 ** level;
  const indices: number[] = [];
  for (let r = row * size; r < Math.min(mask.rows, (row + 1) * size); r++) {
    for (let c = column * size; c < Math.min(mask.columns, (column + 1) * size); c++) {
      indices.push(r * mask.columns + c);
    }
  }
  return indices;
}

const layered = (matrix: BitMatrix) => ({ matrix, pyramid: densityPyramid(matrix) });

describe('the density pyramid', () => {
  it.each(oddShapes)('of %i × %i holds the ones of every block', (rows, columns) => {
    const mask = randomMask(rows, columns, 0.3, 8);
    const entries = entriesOf(mask);
    const numbers = Float32Array.from(entries, (_, i) => Math.sin(i));
    const counts = densityPyramid(mask, 4);
    const sums = sumPyramid(mask, (i) => numbers[i], true);
    const extremes = extremePyramid(mask, (i) => numbers[i]);
    counts.forEach((level, k) => {
      for (let r = 0; r < level.rows; r++) {
        for (let c = 0; c < level.columns; c++) {
          const indices = block(mask, k + 1, r, c);
          const alive = indices.filter((i) => entries[i]);
          const at = r * level.columns + c;
          expect(level.values[at]).toBe(alive.length);
          expect(blockArea(mask, k + 1, r, c)).toBe(indices.length);
          if (k >= sums.length) continue;
          expect(sums[k].values[at]).toBeCloseTo(
            alive.reduce((s, i) => s + numbers[i], 0),
            4,
          );
          const largest = alive.reduce((a, i) => (Math.abs(numbers[i]) > Math.abs(a) ? numbers[i] : a), 0);
          expect(extremes[k].values[at]).toBe(largest);
        }
      }
    });
  });

  it('does not overflow where blocks get large', () => {
    const full = randomMask(512, 512, 1.1);
    const pyramid = densityPyramid(full, 9);
    expect(pyramid.map((level) => level.values[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => 4 ** k));
  });

  it('ends when everything fits on a stamp', () => {
    expect(levelCount(32, 10)).toBe(0);
    expect(levelCount(33, 1)).toBe(1);
    expect(levelCount(4096, 784)).toBe(7);
    expect(densityPyramid(randomMask(4, 4, 0.5))).toEqual([]);
  });

  it('finds the density that most blocks do not exceed', () => {
    const mask = randomMask(64, 64, 0.1, 9);
    const level = densityPyramid(mask, 1)[0];
    const share = (limit: number) =>
      level.values.reduce((n, ones) => n + (ones / 4 <= limit ? 1 : 0), 0) / level.values.length;
    const limit = densityQuantile(mask, 1, level, 0.9);
    expect(share(limit)).toBeGreaterThanOrEqual(0.9);
    expect(share(limit - 0.01)).toBeLessThan(0.9);
    expect(
      densityQuantile(randomMask(64, 64, 0), 1, densityPyramid(randomMask(64, 64, 0), 1)[0], 1),
    ).toBeGreaterThan(0);
  });
});

describe('tiles', () => {
  const rows = 300;
  const columns = 531;
  const mask = randomMask(rows, columns, 0.2, 10);
  const other = randomMask(rows, columns, 0.2, 11);
  const entries = entriesOf(mask);

  it('cover the matrix and end at its edge', () => {
    const source = layered(mask);
    const seen = [0, 1, 2].map((column) => densityTile(source, { level: 0, row: 1, column }, testPalette, 1));
    expect(seen.map(({ width, height }) => [width, height])).toEqual([
      [256, 44],
      [256, 44],
      [19, 44],
    ]);
    expect(densityTile(source, { level: 0, row: 5, column: 0 }, testPalette, 1).pixels).toHaveLength(0);
    const { pixels, width } = seen[2];
    for (let y = 0; y < 44; y++) {
      for (let x = 0; x < width; x++) {
        const alive = entries[(tileSize + y) * columns + 2 * tileSize + x];
        expect(pixels[y * width + x]).toBe(alive ? testPalette.density[255] : testPalette.dead);
      }
    }
  });

  it('show the density of blocks, edges included, and never hide a lone weight', () => {
    const { pixels, width, height } = densityTile(
      layered(mask),
      { level: 2, row: 0, column: 0 },
      testPalette,
      0.5,
    );
    expect([width, height]).toEqual([133, 75]);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const indices = block(mask, 2, y, x);
        const ones = indices.filter((i) => entries[i]).length;
        const shade = Math.max(20, Math.min(255, Math.round((255 * ones) / indices.length / 0.5)));
        expect(pixels[y * width + x]).toBe(ones === 0 ? testPalette.dead : testPalette.density[shade]);
      }
    }
  });

  it('show kept, born and died', () => {
    const split = splitDifference(mask, other);
    const parts = { kept: layered(split.kept), born: layered(split.born), died: layered(split.died) };
    const y = entriesOf(other);
    const { pixels, width } = differenceTile(parts, { level: 0, row: 0, column: 0 }, testPalette, 1);
    for (let i = 0; i < pixels.length; i++) {
      const at = Math.floor(i / width) * columns + (i % width);
      const { dead, kept, born, died } = testPalette;
      expect(pixels[i]).toBe([dead, born, died, kept][2 * entries[at] + y[at]]);
    }
    const coarse = differenceTile(parts, { level: 3, row: 0, column: 0 }, testPalette, 1);
    expect([coarse.width, coarse.height]).toEqual([67, 38]);
  });

  it('colour a block without changes like a kept one', () => {
    const full = randomMask(64, 64, 1.1);
    const split = splitDifference(full, full);
    const parts = { kept: layered(split.kept), born: layered(split.born), died: layered(split.died) };
    const palette = { ...testPalette, dead: 0xff000000, kept: 0xff0000ff };
    const { pixels } = differenceTile(parts, { level: 1, row: 0, column: 0 }, palette, 1);
    expect(new Set(pixels)).toEqual(new Set([mix(palette.kept, palette.kept, 0)]));
  });

  it('show signed weights, in a coarse view the largest', () => {
    const next = randomNumbers(3);
    const values = Float32Array.from(entries, (alive) => (alive ? 2 * next() - 1 : 0));
    const value = (i: number) => values[i];
    const extremes = extremePyramid(mask, value);
    const tile = valueTile(mask, value, extremes, { level: 0, row: 0, column: 0 }, testPalette, 1);
    tile.pixels.slice(0, 256).forEach((pixel, i) => {
      const shade = Math.round((0.5 + values[i] / 2) * 255);
      expect(pixel).toBe(entries[i] ? testPalette.signed[shade] : testPalette.dead);
    });
    const coarse = valueTile(mask, value, extremes, { level: 1, row: 0, column: 0 }, testPalette, 1);
    const best = block(mask, 1, 0, 0).reduce(
      (a, i) => (Math.abs(values[i]) > Math.abs(a) ? values[i] : a),
      0,
    );
    expect(coarse.pixels[0]).toBe(
      best === 0 ? testPalette.dead : testPalette.signed[Math.round((0.5 + best / 2) * 255)],
    );
  });

  it('show ages of the living and flips of all', () => {
    const number = (i: number) => i % 11;
    const age = sumPyramid(mask, number, true);
    const ages = meanTile(layered(mask), number, age, { level: 2, row: 0, column: 0 }, testPalette, 10);
    const alive = block(mask, 2, 1, 3).filter((i) => entries[i]);
    const mean = alive.reduce((s, i) => s + number(i), 0) / alive.length;
    expect(ages.pixels[ages.width + 3]).toBe(testPalette.sequence[Math.round((255 * mean) / 10)]);
    const flips = sumPyramid(mask, number, false);
    const counts = countTile(mask, number, flips, { level: 2, row: 0, column: 0 }, testPalette, 10);
    const all = block(mask, 2, 1, 3);
    const meanOfAll = all.reduce((s, i) => s + number(i), 0) / all.length;
    expect(counts.pixels[counts.width + 3]).toBe(testPalette.sequence[Math.round((255 * meanOfAll) / 10)]);
    const exact = countTile(mask, number, flips, { level: 0, row: 0, column: 0 }, testPalette, 10);
    expect([...exact.pixels.slice(0, 2)]).toEqual([testPalette.dead, testPalette.sequence[26]]);
  });
});
