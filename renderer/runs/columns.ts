import type { Catalog } from '../../shared/catalog.ts';
import type { Fields } from '../../shared/fields.ts';
import type { RunRow } from '../../shared/run-view.ts';
import { metricName } from '../format.ts';
import { durationOf, progressOf } from './progress.ts';

/**
 * What a column's values are, which decides how they are written, compared and typed in a filter.
 * fraction: 0..1, shown as percent; percent: 0..100; milliseconds: of a step; duration: ms of a run; time: ms since 1970.
 */
export type Kind =
  | 'state'
  | 'name'
  | 'text'
  | 'choice'
  | 'tags'
  | 'fraction'
  | 'percent'
  | 'quantity'
  | 'number'
  | 'milliseconds'
  | 'duration'
  | 'time'
  | 'progress'
  | 'flag';

export type Value = number | string | boolean | readonly string[];

/** Something that can be shown, filtered, sorted, grouped or plotted: an attribute, a setting or a metric of a run. */
export interface Column {
  /** An attribute (`method`), a setting (`method.lambda`), a metric (`test/loss`) or an extreme of it (`test/loss.min`). */
  id: string;
  title: string;
  section: string;
  kind: Kind;
  /** Pixels, unless the user chose another width. */
  width: number;
  /** Which end is the good one, for comparisons. */
  better?: 'higher' | 'lower';
  value(row: RunRow): Value | undefined;
}

const numericKinds: readonly Kind[] = [
  'fraction',
  'percent',
  'quantity',
  'number',
  'milliseconds',
  'duration',
  'time',
  'progress',
];

export const isNumeric = (column: Column): boolean => numericKinds.includes(column.kind);

const attribute = (
  id: string,
  title: string,
  kind: Kind,
  width: number,
  value: Column['value'],
): [string, Column] => [id, { id, title, section: 'Run', kind, width, value }];

const attributes = new Map<string, Column>([
  attribute('state', 'State', 'state', 112, (row) => row.state),
  attribute('name', 'Name', 'name', 240, (row) => row.name),
  attribute('method', 'Method', 'choice', 96, (row) => row.method),
  attribute('model', 'Model', 'choice', 96, (row) => row.model),
  attribute('dataset', 'Data set', 'choice', 132, (row) => row.dataset),
  attribute('seed', 'Seed', 'number', 56, (row) => row.seed),
  attribute('tags', 'Tags', 'tags', 136, (row) => row.tags),
  attribute('created', 'Created', 'time', 104, (row) => row.createdMs),
  attribute('duration', 'Duration', 'duration', 84, (row) => durationOf(row, Date.now())),
  attribute('progress', 'Progress', 'progress', 132, (row) => progressOf(row)),
  attribute('steps', 'Steps', 'quantity', 76, (row) => row.step),
  attribute('project', 'Project', 'choice', 96, (row) => row.project),
  attribute('parent', 'Cloned from', 'text', 120, (row) => row.parentRunId),
  attribute('reason', 'Why it ended', 'text', 220, (row) => row.reason),
  attribute('id', 'Id', 'text', 236, (row) => row.id),
]);

/** What the product knows about its main metrics, and shorter titles for table heads; others are plain numbers. */
const metrics: Record<string, Pick<Column, 'kind' | 'better'> & { title?: string }> = {
  'test/accuracy': { kind: 'fraction', better: 'higher' },
  'train/accuracy': { kind: 'fraction', better: 'higher' },
  'test/loss': { kind: 'number', better: 'lower' },
  'train/loss': { kind: 'number', better: 'lower' },
  density: { kind: 'fraction', better: 'lower' },
  'flops/percentOfDense': { title: 'FLOPs, % of dense', kind: 'percent', better: 'lower' },
  'flops/exactPercentOfDense': { title: 'FLOPs, % of dense, exact', kind: 'percent', better: 'lower' },
  'flops/inferencePercent': { title: 'Inference FLOPs', kind: 'percent', better: 'lower' },
  'flops/train': { kind: 'quantity', better: 'lower' },
  'time/stepMs': { kind: 'milliseconds', better: 'lower' },
  'time/wallMs': { kind: 'duration', better: 'lower' },
  'time/trainingMs': { kind: 'duration', better: 'lower' },
  nonzeros: { title: 'Non-zeros', kind: 'quantity', better: 'lower' },
  parameters: { kind: 'quantity' },
  'activeParameters/average': { title: 'Active weights', kind: 'quantity', better: 'lower' },
};

/** Room for a mean with its deviation. */
const widths: Partial<Record<Kind, number>> = { fraction: 118, percent: 138, number: 124, milliseconds: 116 };

function metric(id: string): Column {
  const extreme = /\.(min|max)$/.exec(id)?.[1] as 'min' | 'max' | undefined;
  const key = extreme ? id.slice(0, -4) : id;
  const known = Object.hasOwn(metrics, key) ? metrics[key] : undefined;
  const title = known?.title ?? metricName(key);
  const isBest = known?.better === (extreme === 'max' ? 'higher' : 'lower');
  const word = extreme && (isBest ? 'Best' : extreme === 'max' ? 'Largest' : 'Smallest');
  return {
    id,
    title: word ? `${word} ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title,
    section: 'Metrics',
    kind: known?.kind ?? 'number',
    width: widths[known?.kind ?? 'number'] ?? 96,
    better: known?.better,
    value: (row) => (Object.hasOwn(row.metrics, key) ? row.metrics[key][extreme ?? 'last'] : undefined),
  };
}

const sectionTitles: Record<string, string> = {
  method: 'Method settings',
  model: 'Model settings',
  dataset: 'Data settings',
  training: 'Training settings',
  schedule: 'Schedule settings',
  augmentation: 'Augmentation settings',
  engine: 'Engine settings',
};

/** Every group of settings that a config has, with the fields that the catalog describes in it. */
function fieldsOf(catalog: Catalog | undefined, group: string): Fields[] {
  if (!catalog) return [];
  const entries = { method: catalog.methods, model: catalog.models, dataset: catalog.datasets }[group];
  if (entries) return entries.map(({ fields }) => fields);
  const own = { training: catalog.training, schedule: catalog.schedule, augmentation: catalog.augmentation }[
    group
  ];
  return own ? [own] : group === 'engine' ? [catalog.engine] : [];
}

function setting(id: string, catalog: Catalog | undefined): Column {
  const [group, ...rest] = id.split('.');
  const key = rest.join('.');
  const field = fieldsOf(catalog, group).find((fields) => Object.hasOwn(fields, key))?.[key];
  const isNumber = field?.type === 'number' || field?.type === 'integer';
  return {
    id,
    title: field?.label ?? id,
    section: sectionTitles[group] ?? 'Other settings',
    kind: field === undefined || isNumber ? 'number' : field.type === 'boolean' ? 'flag' : 'choice',
    width: 96,
    value: (row) => (Object.hasOwn(row.settings, id) ? row.settings[id] : undefined),
  };
}

/** Settings that another column shows already, or that say nothing about a run. */
const notColumns = new Set(['version', 'name', 'model.id', 'dataset.id', 'method.id', 'training.seed']);

const columnCache = new WeakMap<Catalog, Map<string, Column>>();
const withoutCatalog = new Map<string, Column>();

/**
 * The column behind an id, whatever is written in it: one that no run has is empty. The same id and catalog give the
 * same object.
 */
export function columnOf(id: string, catalog?: Catalog): Column {
  const cache = catalog ? (columnCache.get(catalog) ?? new Map<string, Column>()) : withoutCatalog;
  if (catalog) columnCache.set(catalog, cache);
  const known = attributes.get(id) ?? cache.get(id);
  if (known) return known;
  const isMetric = id.includes('/') || !/^[a-z]+\./.test(id) || Object.hasOwn(metrics, id.split('.')[0]);
  const column = isMetric ? metric(id) : setting(id, catalog);
  cache.set(id, column);
  return column;
}

/** Every column that these runs have something in, by section: attributes, metrics, settings. */
export function columnsOf(rows: Iterable<RunRow>, catalog?: Catalog): Column[] {
  const metricIds = new Set<string>();
  const settingIds = new Set<string>();
  for (const row of rows) {
    for (const key in row.metrics) metricIds.add(key);
    for (const key in row.settings) settingIds.add(key);
  }
  const rank = (id: string) => {
    const at = Object.keys(metrics).indexOf(id);
    return at < 0 ? Object.keys(metrics).length : at;
  };
  const metricColumns = [...metricIds]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .flatMap((id) => (hasExtremes(id) ? [id, `${id}.min`, `${id}.max`] : [id]));
  const place = (id: string) => Object.keys(sectionTitles).indexOf(id.slice(0, id.indexOf('.')));
  const settingColumns = [...settingIds]
    .filter((id) => !notColumns.has(id))
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return [...attributes.keys(), ...metricColumns, ...settingColumns].map((id) => columnOf(id, catalog));
}

/** Numbers of the summary have no history, so their extremes would only repeat them. */
const hasExtremes = (id: string) =>
  /^(train|test|method)\//.test(id) || id === 'density' || id === 'flops/inferencePercent';

export const defaultColumns: readonly string[] = [
  'state',
  'name',
  'method',
  'dataset',
  'test/accuracy',
  'density',
  'flops/percentOfDense',
  'test/loss',
  'time/stepMs',
  'seed',
  'progress',
  'duration',
  'created',
  'test/accuracy.max',
  'nonzeros',
  'model',
  'tags',
];
