import type { RunRow } from '../../shared/run-view.ts';

type Setting = number | string | boolean | undefined;

export interface DiffRow {
  /** `method.lambda`. */
  key: string;
  /** One entry per run; undefined where it has no such setting. */
  values: Setting[];
  differs: boolean;
}

export interface DiffGroup {
  /** What stands before the first dot; `''` for `name` and the like. */
  group: string;
  rows: DiffRow[];
}

const order = ['method', 'model', 'dataset', 'training', 'schedule', 'augmentation', 'engine', 'start', ''];

/** Settings of these runs side by side, by group; ids (which method, which model) first. Names are no settings. */
export function configDiff(runs: readonly RunRow[]): DiffGroup[] {
  const keys = new Set(runs.flatMap(({ settings }) => Object.keys(settings)));
  keys.delete('name');
  keys.delete('version');
  const rows = [...keys].map((key): DiffRow => {
    const values = runs.map(({ settings }) => settings[key]);
    return { key, values, differs: values.some((value) => value !== values[0]) };
  });
  const groups = Map.groupBy(rows, ({ key }) => (key.includes('.') ? key.slice(0, key.indexOf('.')) : ''));
  const place = (group: string) => (order.includes(group) ? order.indexOf(group) : order.length);
  const isId = ({ key }: DiffRow) => Number(!key.endsWith('.id'));
  return [...groups]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([group, rows]) => ({
      group,
      rows: rows.sort((a, b) => isId(a) - isId(b) || (a.key < b.key ? -1 : 1)),
    }));
}
