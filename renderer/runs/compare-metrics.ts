import type { HonestNumbers, RunRow } from '../../shared/run-view.ts';
import { number, percent } from '../format.ts';
import type { Column } from './columns.ts';
import { writeNumber } from './write-value.ts';

/** A line of a comparison: one cell per run. */
export interface CompareLine {
  key: string;
  title: string;
  cells: CompareCell[];
}

export interface CompareCell {
  text: string;
  /** Against the base: `+0.42 pp`, `−12 %`. */
  delta?: string;
  /** Whether the difference to the base is an improvement; undefined where neither is better. */
  isBetter?: boolean;
  isBest?: boolean;
  /** Not what the base has. */
  isChanged?: boolean;
  title?: string;
}

/** What every comparison shows where runs have it. */
export const comparedColumns: readonly string[] = [
  'test/accuracy',
  'test/accuracy.max',
  'train/accuracy',
  'test/loss',
  'test/loss.min',
  'train/loss',
  'density',
  'nonzeros',
  'flops/percentOfDense',
  'flops/train',
  'flops/inferencePercent',
  'time/stepMs',
  'duration',
];

/** @param base index of the run that the others are measured against */
export function metricLine(column: Column, runs: readonly RunRow[], base: number): CompareLine | undefined {
  const values = runs.map((row) => {
    const value = column.value(row);
    return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
  });
  if (values.every((value) => value === undefined)) return undefined;
  return lineOf(column, values, base);
}

/** Values of a column side by side, the best one marked, each with its distance to the base. */
export function lineOf(column: Column, values: readonly (number | undefined)[], base: number): CompareLine {
  const best = bestOf(values, column.better);
  const reference = values[base];
  const cells = values.map((value, i): CompareCell => {
    if (value === undefined) return { text: '–' };
    const cell = { text: writeNumber(column, value), isBest: value === best };
    if (i === base || reference === undefined) return cell;
    const isBetter =
      column.better === undefined || value === reference
        ? undefined
        : value > reference === (column.better === 'higher');
    return { ...cell, delta: deltaText(column, value, reference), isBetter };
  });
  return { key: column.id, title: column.title, cells };
}

/** Only a value that is not shared by all is a best one. */
function bestOf(values: readonly (number | undefined)[], better: Column['better']): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (better === undefined || new Set(known).size < 2) return undefined;
  return known.reduce((a, b) => (better === 'higher' ? Math.max(a, b) : Math.min(a, b)));
}

function deltaText({ kind }: Column, value: number, base: number): string {
  const apart = value - base;
  if (apart === 0) return '±0';
  const sign = apart > 0 ? '+' : '';
  // Shares differ in percentage points; everything else by a part of the base.
  if (kind === 'fraction') return `${sign}${points(apart * 100)}`;
  if (kind === 'percent') return `${sign}${points(apart)}`;
  if (base === 0) return `${sign}${number(apart, 3)}`;
  return `${sign}${percent(apart / Math.abs(base), Math.abs(apart / base) < 0.1 ? 1 : 0)}`;
}

const points = (value: number) => `${number(value, Math.abs(value) < 1 ? 2 : 3)}\u00a0pp`;

/** The three honest numbers of each run as shares of dense training, papers' FLOPs beside measured time. */
export function honestLines(numbers: readonly (HonestNumbers | undefined)[]): CompareLine[] {
  const parts = ['flops', 'time', 'bytes'] as const;
  const titles = { flops: 'Training FLOPs', time: 'Step time, measured', bytes: 'Bytes of the weights' };
  return parts.map((part) => {
    const shares = numbers.map((one) => {
      const pair = one?.[part];
      return pair && pair.dense > 0 ? pair.run / pair.dense : undefined;
    });
    const best = bestOf(shares, 'lower');
    const cells = shares.map((share, i): CompareCell => {
      if (share === undefined) return { text: '–' };
      const source = part === 'time' ? numbers[i]?.time?.denseSource : undefined;
      return {
        text: percent(share, 1),
        isBest: share === best,
        title: `${number(1 / share, 3)} times less than dense${source ? `; dense: ${source}` : ''}`,
      };
    });
    return { key: part, title: titles[part], cells };
  });
}
