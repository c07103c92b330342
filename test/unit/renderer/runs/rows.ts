import type { RunRow } from '../../../../shared/run-view.ts';

let made = 0;

/** A finished run with plausible values; `metrics` are written as numbers, which become last, min and max. */
export function runRow(
  change: Partial<Omit<RunRow, 'metrics'>> & {
    metrics?: Record<string, number | RunRow['metrics'][string]>;
  } = {},
): RunRow {
  const number = made++;
  const { metrics = {}, settings, ...rest } = change;
  const method = rest.method ?? 'rigl';
  const seed = rest.seed ?? 0;
  return {
    id: `01${String(number).padStart(24, '0')}`,
    name: `run ${number}`,
    state: 'finished',
    reason: undefined,
    project: 'default',
    parentRunId: undefined,
    forkStep: undefined,
    model: 'mlp',
    dataset: 'mnist',
    method,
    seed,
    tags: [],
    starred: false,
    archived: false,
    createdMs: Date.UTC(2026, 10, 20, 12),
    startedMs: Date.UTC(2026, 10, 20, 12),
    endedMs: Date.UTC(2026, 10, 20, 12, 5),
    step: 1000,
    totalSteps: 1000,
    settings: { 'method.id': method, 'training.seed': seed, 'training.epochs': 20, ...settings },
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([key, value]) => [
        key,
        typeof value === 'number' ? { last: value, min: value, max: value } : value,
      ]),
    ),
    ...rest,
  };
}
