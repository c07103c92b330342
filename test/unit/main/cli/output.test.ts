import { expect, it } from 'vitest';
import { duration, quantity, sparkline, table } from '../../../../main/cli/output.ts';

it('draws a curve in one line, with gaps where nothing is finite', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([0, NaN, 7])).toBe('▁ █');
  expect(sparkline([2, 2, 2])).toBe('▁▁▁');
  expect(
    sparkline(
      new Float64Array(1000).map((_, i) => i),
      8,
    ),
  ).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([])).toBe('');
});

it('aligns numbers to the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', 5],
        ['long', 12],
      ],
    ),
  ).toBe('name   n\na      5\nlong  12');
});

it('writes durations and quantities for people', () => {
  expect([12, 1500, 61_000, 3_720_000].map(duration)).toEqual(['12 ms', '1.5 s', '1 min 1 s', '1 h 2 min']);
  expect([0, 999, 1234, 45.6e6, 7.89e9].map(quantity)).toEqual(['0', '999', '1.23 k', '45.6 M', '7.89 G']);
});
