import type { Database } from 'better-sqlite3';
import type { RunState } from '../../shared/run-state.ts';
import type { Metric, RunRow } from '../../shared/run-view.ts';
import { flattenConfig } from './run-record.ts';

/**
 * Runs as tables show them. Two statements whatever the number of runs: one for the runs, one for the summaries of
 * their series; thousands of runs are listed in a fraction of a second.
 */
export class RunList {
  readonly #all;
  readonly #some;

  constructor(db: Database) {
    const prepare = <P extends unknown[]>(runs: string, series: string) => ({
      runs: db.prepare<P, ListedRun>(`${selectListed} ${runs} ORDER BY run.id DESC`),
      metrics: db.prepare<P>(`${selectMetrics} ${series}`).raw(),
    });
    this.#all = prepare<[]>('WHERE deleted_ms IS NULL', '');
    const some = 'IN (SELECT value FROM json_each(?))';
    this.#some = prepare<[string]>(`WHERE run.id ${some}`, `AND run_id ${some}`);
  }

  /** Every run outside the trash, newest first. */
  all(): RunRow[] {
    return toRows(this.#all.runs.all(), this.#all.metrics.all() as MetricTuple[]);
  }

  /** These runs, also from the trash, newest first; ids that do not exist are left out. */
  some(ids: readonly string[]): RunRow[] {
    const list = JSON.stringify(ids);
    return toRows(this.#some.runs.all(list), this.#some.metrics.all(list) as MetricTuple[]);
  }
}

interface ListedRun {
  id: string;
  name: string;
  state: RunState;
  reason: string | null;
  project: string;
  parent_run_id: string | null;
  fork_step: number | null;
  config: string;
  seed: number;
  tags: string | null;
  starred: number;
  archived: number;
  created_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
  checkpoint_step: number | null;
  total_steps: number | null;
  summary_values: string | null;
}

type MetricTuple = [
  runId: string,
  key: string,
  last: number | null,
  min: number | null,
  max: number | null,
  lastStep: number,
];

const selectListed = `
SELECT run.id, run.name, state, reason, project.name AS project, parent_run_id, fork_step, config, seed, starred,
  archived, created_ms, started_ms, ended_ms,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tag WHERE run_id = run.id ORDER BY tag)) AS tags,
  (SELECT max(step) FROM checkpoint WHERE run_id = run.id) AS checkpoint_step,
  json_extract(environment, '$.totalSteps') AS total_steps,
  json_extract(summary, '$.values') AS summary_values
FROM run JOIN project ON project.id = project_id`;

/** The main series only: those of layers, times and memory are for the view of one run. */
const selectMetrics = `
SELECT run_id, key, last, min, max, last_step FROM metric_summary JOIN series ON series.id = series_id
WHERE key NOT GLOB 'density/*' AND key NOT GLOB 'time/*' AND key NOT GLOB 'memory/*'`;

function toRows(runs: readonly ListedRun[], metrics: readonly MetricTuple[]): RunRow[] {
  const rows = new Map(runs.map((run) => [run.id, toRow(run)]));
  for (const [runId, key, last, min, max, lastStep] of metrics) {
    const row = rows.get(runId);
    if (!row) continue;
    row.step = Math.max(row.step, lastStep + 1);
    // SQLite has NULL where there is no finite value.
    if (min !== null && max !== null) row.metrics[key] = { last: last ?? NaN, min, max };
  }
  return [...rows.values()];
}

function toRow(run: ListedRun): RunRow {
  const settings = flattenConfig(JSON.parse(run.config) as object) as RunRow['settings'];
  for (const key of Object.keys(settings)) {
    if (typeof settings[key] === 'object') settings[key] = JSON.stringify(settings[key]);
  }
  return {
    id: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason ?? undefined,
    project: run.project,
    parentRunId: run.parent_run_id ?? undefined,
    forkStep: run.fork_step ?? undefined,
    model: String(settings['model.id']),
    dataset: String(settings['dataset.id']),
    method: String(settings['method.id']),
    seed: run.seed,
    tags: JSON.parse(run.tags ?? '[]') as string[],
    starred: run.starred === 1,
    archived: run.archived === 1,
    createdMs: run.created_ms,
    startedMs: run.started_ms ?? undefined,
    endedMs: run.ended_ms ?? undefined,
    step: run.checkpoint_step ?? 0,
    totalSteps: run.total_steps ?? undefined,
    settings,
    metrics: summaryMetrics(run.summary_values),
  };
}

function summaryMetrics(json: string | null): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  if (json === null) return metrics;
  for (const [key, text] of Object.entries(JSON.parse(json) as Record<string, number | string>)) {
    const value = Number(text);
    if (Number.isFinite(value)) metrics[key] = { last: value, min: value, max: value };
  }
  return metrics;
}
