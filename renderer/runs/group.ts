import type { RunRow } from '../../shared/run-view.ts';
import { isNumeric, type Column, type Value } from './columns.ts';

/** What a group's runs have in a numeric column; sd is the sample standard deviation, undefined for a single value. */
export interface Aggregate {
  n: number;
  mean: number;
  sd: number | undefined;
  min: number;
  max: number;
}

export interface Group {
  /** Equal for equal groups, whatever runs are in them. */
  key: string;
  /** One text per grouping. */
  labels: string[];
  rows: RunRow[];
}

/** Groups runs whose configs differ at most in seed and name: what is left is the spread over seeds. */
export const configGrouping = 'config';

/** Settings that do not make another experiment: results do not depend on names, and engines give the same numbers. */
const isIncidental = (key: string) =>
  key === 'name' || key === 'version' || key === 'training.seed' || key.startsWith('engine.');

/** Rows are replaced when they change, so what was made of one stays true. */
const configKeys = new WeakMap<RunRow, string>();

export function configKey(row: RunRow): string {
  let key = configKeys.get(row);
  if (key === undefined) {
    const settings = Object.entries(row.settings).filter(([name]) => !isIncidental(name));
    key = JSON.stringify(settings.sort(([a], [b]) => (a < b ? -1 : 1)));
    configKeys.set(row, key);
  }
  return key;
}

/**
 * Groups runs that are equal in every grouping: a column, or `config`. Groups and the runs in them keep the order in
 * which they come.
 * @param write turns a column's value into a group's label
 */
export function groupRows(
  rows: readonly RunRow[],
  groupings: readonly (Column | typeof configGrouping)[],
  write: (column: Column, value: Value | undefined) => string,
): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const parts = groupings.map((by) => (by === configGrouping ? configKey(row) : write(by, by.value(row))));
    const key = JSON.stringify(parts);
    const group = groups.get(key) ?? { key, labels: parts, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const at = groupings.indexOf(configGrouping);
  const all = [...groups.values()];
  if (at >= 0) labelConfigs(all, at);
  return all;
}

/** Calls a config by its method and model and what tells the shown groups of the same method apart. */
function labelConfigs(groups: readonly Group[], at: number): void {
  const first = groups.map(({ rows }) => rows[0]);
  const byMethod = Map.groupBy(first, ({ method }) => method);
  const differing = new Map(
    [...byMethod].map(([method, rows]) => [
      method,
      differingSettings(rows).sort((a, b) => rank(a) - rank(b)),
    ]),
  );
  groups.forEach((group, i) => {
    const row = first[i];
    const settings = differing
      .get(row.method)!
      .filter((key) => row.settings[key] !== undefined && row.settings[key] !== '')
      .map((key) => (key.endsWith('.id') ? row.settings[key] : `${shortName(key)} ${row.settings[key]}`));
    group.labels[at] = [row.method, ...settings].join(' · ');
  });
}

/** What people call an experiment by comes first. */
const rank = (key: string) => (key.startsWith('method.') ? 0 : key.endsWith('.id') ? 1 : 2);

const shortName = (key: string) => key.slice(key.lastIndexOf('.') + 1);

/** Keys in which these runs do not all have the same setting, except those that make no other experiment. */
export function differingSettings(rows: readonly RunRow[]): string[] {
  const keys = new Set(rows.flatMap(({ settings }) => Object.keys(settings)));
  return [...keys].filter(
    (key) => !isIncidental(key) && rows.some(({ settings }) => settings[key] !== rows[0].settings[key]),
  );
}

/** @returns undefined if no run has a finite number in this column, or it is no column of numbers */
export function aggregate(rows: readonly RunRow[], column: Column): Aggregate | undefined {
  if (!isNumeric(column)) return undefined;
  return describe(rows.map((row) => column.value(row)).filter(isFiniteNumber));
}

export function describe(values: readonly number[]): Aggregate | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return {
    n,
    mean,
    sd: n > 1 ? Math.sqrt(squares / (n - 1)) : undefined,
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);
