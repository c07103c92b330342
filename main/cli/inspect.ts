import type { RunStore, StoredRun } from '../store/run-store.ts';
import { duration, percent, print, printJson, quantity, sparkline, table } from './output.ts';
import { describeResult } from './result.ts';
import { openSession } from './session.ts';

interface Where {
  workspace?: string;
  json?: boolean;
}

/** `filigree runs`: the newest runs, a line each. */
export function listRuns(options: Where & { limit: number; state?: string }): void {
  const { store, workspace, close } = openSession(options.workspace);
  try {
    const runs = store.listRuns({
      limit: options.limit,
      state: options.state as StoredRun['state'] | undefined,
    });
    if (options.json) return printJson(runs.map((run) => ({ ...run, summary: store.readSummary(run.id) })));
    if (runs.length === 0) return print(`no runs in ${workspace.root} yet; npm run quickstart makes one`);
    const rows = runs.map((run) => {
      const last = store.latestMetrics(run.id);
      const cell = (key: string, write: (v: number) => string) =>
        last[key] === undefined ? '' : write(last[key]);
      return [
        run.id,
        run.state,
        run.config.method.id,
        run.config.model.id,
        run.config.dataset.id,
        cell('test/accuracy', (v) => percent(v, 2)),
        cell('density', (v) => percent(v)),
        cell('flops/percentOfDense', (v) => `${v.toFixed(1)} %`),
        run.name,
      ];
    });
    print(table(['run', 'state', 'method', 'model', 'data', 'test', 'density', 'FLOPs', 'name'], rows));
  } finally {
    close();
  }
}

/** `filigree show RUN`: what it was, how it ended, a table of its layers and its curves. */
export function showRun(text: string, options: Where): void {
  const session = openSession(options.workspace);
  try {
    const id = session.find(text);
    const run = session.store.getRun(id);
    const summary = session.store.readSummary(id);
    const events = session.store.readEvents(id);
    if (options.json) {
      const series = Object.fromEntries(
        session.store.seriesKeys(id).map((key) => {
          const { steps, values } = session.store.readSeries(id, key);
          return [key, { steps: [...steps], values: [...values] }];
        }),
      );
      return printJson({ ...run, summary, events, series });
    }
    print(`${run.name} · ${run.id} · ${run.state}${run.reason ? `: ${run.reason}` : ''}`);
    print(describeConfig(run));
    if (summary) print(`\n${describeResult(summary.values)}\n\n${layerTable(summary.layers)}`);
    print(`\n${curves(session.store, id)}`);
    const notable = events.filter((event) => event.level !== 'info');
    if (notable.length > 0)
      print(`\n${notable.map((e) => `${e.level} at step ${e.step}: ${e.text}`).join('\n')}`);
    if (['stopped', 'failed', 'lost'].includes(run.state)) print(`\nto continue: filigree resume ${id}`);
  } finally {
    session.close();
  }
}

function describeConfig(run: StoredRun): string {
  const { config } = run;
  const values = (part: { id: string; values: object }) =>
    `${part.id} ${Object.entries(part.values)
      .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(',') : value}`)
      .join(' ')}`;
  return [
    `method   ${values(config.method)}`,
    `model    ${values(config.model)}`,
    `data     ${values(config.dataset)}`,
    `training ${values({ id: '', values: config.training }).trim()}`,
    `engine   ${String(run.environment.engine ?? config.engine.backend)}`,
    `time     ${run.startedMs && run.endedMs ? duration(run.endedMs - run.startedMs) : 'not finished'}`,
  ].join('\n');
}

function layerTable(layers: NonNullable<ReturnType<RunStore['readSummary']>>['layers']): string {
  return table(
    ['layer', 'shape', 'density', 'non-zeros', 'weights', 'MACs', 'execution', 'dead rows', 'dead columns'],
    layers.map((l) => [
      l.name,
      l.shape.join('x'),
      percent(l.density, 2),
      l.nnz,
      l.size,
      quantity(l.macs),
      l.execution,
      l.deadRows,
      l.deadColumns,
    ]),
  );
}

const plotted: readonly [key: string, write: (value: number) => string][] = [
  ['train/loss', (v) => v.toFixed(4)],
  ['test/accuracy', (v) => percent(v, 2)],
  ['density', (v) => percent(v, 2)],
  ['flops/percentOfDense', (v) => `${v.toFixed(1)} %`],
  ['method/lambda', (v) => v.toPrecision(3)],
  ['method/itopRate', (v) => percent(v)],
  ['learningRate', (v) => v.toPrecision(3)],
  ['time/forward', (v) => `${v.toFixed(3)} ms`],
  ['time/backward', (v) => `${v.toFixed(3)} ms`],
  ['time/pass', (v) => `${v.toFixed(3)} ms`],
  ['time/passWithUpdate', (v) => `${v.toFixed(3)} ms`],
  ['time/update', (v) => `${v.toFixed(3)} ms`],
  ['throughput/samplesPerSecond', (v) => `${quantity(v)}/s`],
];

function curves(store: RunStore, id: string): string {
  const present = new Set(store.seriesKeys(id));
  const rows = plotted
    .filter(([key]) => present.has(key))
    .map(([key, write]) => {
      const { values } = store.readSeries(id, key);
      return [key, sparkline(values), `${write(values[0])} → ${write(values[values.length - 1])}`];
    });
  return rows.length > 0 ? table(['curve', '', 'first → last'], rows) : 'no frames yet';
}
