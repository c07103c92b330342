import { describe, expect, it } from 'vitest';
import {
  arrange,
  positionOf,
  rearrange,
  type ArrangementKind,
} from '../../../../renderer/masks/arrangement.ts';
import { summarizeFilters } from '../../../../renderer/masks/convolution.ts';
import { entriesOf, randomMask } from './random-masks.ts';

const convolution = [5, 3, 3, 2];
const field = { channels: 2, height: 3, width: 5 };

const cases: [ArrangementKind, number[]][] = [
  ['matrix', convolution],
  ['inputs', convolution],
  ['filters', convolution],
  ['channels', convolution],
  ['matrix', [7, 30]],
  ['inputs', [7, 30]],
  ['fields', [7, 30]],
];

describe('arrangements', () => {
  it.each(cases)('%s of %j shows every entry exactly once', (kind, shape) => {
    const size = shape.reduce((a, b) => a * b);
    const arrangement = arrange(kind, shape, field);
    const seen = new Set<number>();
    for (let row = 0; row < arrangement.rows; row++) {
      for (let column = 0; column < arrangement.columns; column++) {
        const index = arrangement.indexAt(row, column);
        if (index < 0) continue;
        seen.add(index);
        expect(arrangement.placeOf(index)).toEqual({ row, column });
      }
    }
    expect(seen.size).toBe(size);
    expect(Math.max(...seen)).toBe(size - 1);
  });

  it('moves masks, also between two arrangements', () => {
    const mask = randomMask(5, 18, 0.4, 20);
    const entries = entriesOf(mask);
    const filters = arrange('filters', convolution);
    const shown = rearrange(mask, filters);
    for (let o = 0; o < 5; o++)
      for (let i = 0; i < 3; i++)
        for (let y = 0; y < 3; y++)
          for (let x = 0; x < 2; x++) {
            const at = (o * 3 + y) * filters.columns + i * 2 + x;
            expect(entriesOf(shown)[at]).toBe(entries[o * 18 + i * 6 + y * 2 + x]);
          }
    const channels = rearrange(mask, arrange('channels', convolution));
    expect(rearrange(channels, filters, arrange('channels', convolution)).bits).toEqual(shown.bits);
    expect(rearrange(shown, arrange('matrix', convolution), filters).bits).toEqual(mask.bits);
  });

  it('names what an entry is', () => {
    expect(positionOf(18 + 6 + 3, convolution)).toEqual({ output: 1, input: 1, tap: { y: 1, x: 1 } });
    expect(positionOf(61, [7, 30])).toEqual({ output: 2, input: 1, tap: undefined });
  });

  it('lays out pictures of inputs', () => {
    const fields = arrange('fields', [300, 784], { channels: 1, height: 28, width: 28 });
    expect(fields.cell).toEqual({ rows: 28, columns: 28 });
    expect([fields.rows, fields.columns]).toEqual([18 * 28, 17 * 28]);
    // Input 30 of output 1 is the pixel [1, 2] of the second picture.
    expect(fields.indexAt(1, 28 + 2)).toBe(784 + 30);
    // 18 × 17 places for 300 outputs: the last six are empty.
    expect(fields.indexAt(fields.rows - 1, fields.columns - 1)).toBe(-1);
  });
});

describe('filters of a convolution', () => {
  it('are summarized like counting does', () => {
    const mask = randomMask(5, 18, 0.12, 21);
    const entries = entriesOf(mask);
    const kernel = (o: number, i: number) =>
      entries.slice(o * 18 + i * 6, o * 18 + i * 6 + 6).reduce((a, b) => a + b, 0);
    const kernels = [0, 1, 2, 3, 4].map((o) => [0, 1, 2].map((i) => kernel(o, i)));
    const summary = summarizeFilters(mask, convolution);
    expect([...summary.kernelWeights]).toEqual(kernels.flat());
    expect(summary.emptyKernels).toBe(kernels.flat().filter((n) => n === 0).length);
    expect(summary.emptyFilters).toBe(kernels.filter((row) => row.every((n) => n === 0)).length);
    expect(summary.emptyChannels).toBe([0, 1, 2].filter((i) => kernels.every((row) => row[i] === 0)).length);
    expect(summary.kernelCounts.reduce((a, b) => a + b)).toBe(15);
    expect(summary.tapWeights.reduce((a, b) => a + b)).toBe(entries.reduce((a, b) => a + b));
  });
});
