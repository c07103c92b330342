import { describe, expect, it } from 'vitest';
import { coloringBy } from '../../../../renderer/runs/coloring.ts';
import { columnOf } from '../../../../renderer/runs/columns.ts';
import { honestLines, lineOf, metricLine } from '../../../../renderer/runs/compare-metrics.ts';
import { overlapOf } from '../../../../renderer/runs/mask-overlap.ts';
import type { PackedMask } from '../../../../shared/masks.ts';
import { runRow } from '../runs/rows.ts';

const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-');

describe('metrics side by side', () => {
  it('mark the best and measure against the base in the unit that fits', () => {
    const { cells } = lineOf(columnOf('test/accuracy'), [0.8, 0.85, undefined, 0.79], 0);
    expect(cells.map(({ isBest }) => isBest)).toEqual([false, true, undefined, false]);
    expect(cells.map(({ delta }) => plain(delta))).toEqual([undefined, '+5 pp', undefined, '-1 pp']);
    expect(cells.map(({ isBetter }) => isBetter)).toEqual([undefined, true, undefined, false]);
    const loss = lineOf(columnOf('test/loss'), [0.5, 0.4, 0.5], 0).cells;
    expect(loss.map(({ delta }) => plain(delta))).toEqual([undefined, '-20 %', '±0']);
    expect(loss[1]).toMatchObject({ isBetter: true, isBest: true });
    expect(loss[2].isBetter).toBeUndefined();
  });

  it('have no best where all are equal or neither end is good', () => {
    expect(lineOf(columnOf('density'), [0.1, 0.1], 0).cells.some(({ isBest }) => isBest)).toBe(false);
    expect(lineOf(columnOf('parameters'), [1, 2], 0).cells.some(({ isBest }) => isBest)).toBe(false);
    expect(metricLine(columnOf('test/loss'), [runRow(), runRow()], 0)).toBeUndefined();
  });

  it('show the honest numbers as shares of dense training', () => {
    const lines = honestLines([
      {
        flops: { run: 1, dense: 10 },
        time: { run: 2, dense: 4, denseSource: 'measured' },
        bytes: { run: 2, dense: 10 },
      },
      { flops: { run: 10, dense: 10 }, time: undefined, bytes: { run: 10, dense: 10 } },
      undefined,
    ]);
    expect(lines.map(({ cells }) => cells.map(({ text }) => plain(text)))).toEqual([
      ['10.0 %', '100.0 %', '–'],
      ['50.0 %', '–', '–'],
      ['20.0 %', '100.0 %', '–'],
    ]);
    expect(lines[1].cells[0].title).toContain('measured');
  });
});

describe('overlap of masks', () => {
  const mask = (entries: number[], columns = entries.length): PackedMask => {
    const bits = new Uint8Array(Math.ceil(entries.length / 8));
    entries.forEach((is, i) => (bits[i >> 3] |= is << (i & 7)));
    const nnz = entries.reduce((a, b) => a + b, 0);
    return { step: 1, rows: entries.length / columns, columns, nnz, bits };
  };

  it('sums intersections and unions over the layers that both have', () => {
    const a = new Map([
      ['fc1', mask([1, 1, 0, 0])],
      ['fc2', mask([1, 0])],
      ['only', mask([1])],
    ]);
    const b = new Map([
      ['fc1', mask([0, 1, 1, 0])],
      ['fc2', mask([1, 0])],
    ]);
    // fc1: 1 of 3, by chance 1 of 3; fc2: 1 of 1, by chance 0.5 of 1.5.
    const overlap = overlapOf(a, b)!;
    expect(overlap.iou).toBeCloseTo(2 / 4, 12);
    expect(overlap.expected).toBeCloseTo(1.5 / 4.5, 12);
    expect(overlap.layers).toEqual(['fc1', 'fc2']);
    expect(overlapOf(a, b, 'fc2')).toMatchObject({ iou: 1, layers: ['fc2'] });
  });

  it('is unknown for layers of different shapes, and whole for empty masks', () => {
    expect(overlapOf(new Map([['f', mask([1, 0], 1)]]), new Map([['f', mask([1, 0])]]))).toBeUndefined();
    expect(overlapOf(new Map([['f', mask([0, 0])]]), new Map([['f', mask([0, 0])]]))).toMatchObject({
      iou: 1,
    });
  });
});

describe('colours', () => {
  it('go to the most frequent categories, the others share one', () => {
    const rows = Array.from({ length: 12 }, (_, i) => runRow({ method: `m${Math.min(i, 9)}` }));
    const { colorOf, legend } = coloringBy(columnOf('method'), rows);
    expect(legend.type === 'categories' && legend.entries.at(-1)).toMatchObject({
      label: '2 others',
      count: 2,
    });
    expect(colorOf(rows[11])).toBe('var(--run-1)');
    expect(colorOf(rows[8])).toBe(colorOf(runRow({ method: 'unseen' })));
  });

  it('go over the range of numbers and leave out what is missing', () => {
    const rows = [0, 0.5, 1, NaN].map((value) => runRow({ metrics: { density: value } }));
    const { colorOf, legend } = coloringBy(columnOf('density'), rows);
    expect(new Set(rows.map(colorOf)).size).toBe(4);
    expect(legend).toMatchObject({ type: 'scale' });
    const none = coloringBy(columnOf('density'), [runRow()]).legend;
    expect(none).toMatchObject({ low: '–', high: '–' });
  });
});
