import type { RunRow } from '../../shared/run-view.ts';
import { isNumeric, type Column } from './columns.ts';
import { countValues } from './facets.ts';
import { writeNumber, writeValue } from './write-value.ts';

/** How marks are coloured by a column, and the legend that says so. */
export interface Coloring {
  colorOf(row: RunRow): string;
  legend:
    | { type: 'categories'; entries: { label: string; color: string; count: number }[] }
    | { type: 'scale'; colors: readonly string[]; low: string; high: string };
}

const categoryColors = 8;
/** What has no value, or belongs to none of the frequent categories. */
const other = 'var(--text-faint)';

/** Cividis (Nuñez, Anderton and Renslow 2018): reads the same with every colour blindness; ends trimmed for contrast. */
const scale = [
  '#2a4a7a',
  '#46587b',
  '#5f677f',
  '#78777f',
  '#928879',
  '#ae9a6d',
  '#cbae5b',
  '#e9c63f',
] as const;

/** Categories by frequency get the run colours; numbers a scale over their range. */
export function coloringBy(column: Column, rows: readonly RunRow[]): Coloring {
  return isNumeric(column) ? byNumber(column, rows) : byCategory(column, rows);
}

function byCategory(column: Column, rows: readonly RunRow[]): Coloring {
  const write = (row: RunRow) => writeValue(column, column.value(row));
  const counted = countValues(rows, (row) => [write(row)]);
  const entries = counted.slice(0, categoryColors).map(({ value, count }, i) => ({
    label: value,
    color: `var(--run-${i + 1})`,
    count,
  }));
  const rest = counted.slice(categoryColors);
  if (rest.length > 0) {
    const count = rest.reduce((sum, one) => sum + one.count, 0);
    entries.push({ label: `${rest.length} others`, color: other, count });
  }
  const colors = new Map(entries.map(({ label, color }) => [label, color]));
  return { colorOf: (row) => colors.get(write(row)) ?? other, legend: { type: 'categories', entries } };
}

function byNumber(column: Column, rows: readonly RunRow[]): Coloring {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const value = column.value(row);
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const colorOf = (row: RunRow) => {
    const value = column.value(row);
    if (typeof value !== 'number' || !Number.isFinite(value)) return other;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return scale[Math.min(scale.length - 1, Math.floor(share * scale.length))];
  };
  const write = (value: number) => (Number.isFinite(value) ? writeNumber(column, value) : '–');
  return { colorOf, legend: { type: 'scale', colors: scale, low: write(low), high: write(high) } };
}
