import { UserError } from '../../shared/errors.ts';
import type { HonestNumbers } from '../../shared/run-view.ts';
import { stepParts } from '../../shared/step-parts.ts';
import { methods } from '../methods/registry.ts';
import type { RunStore, StoredRun } from '../store/run-store.ts';
import { storedBytes } from '../topology/statistics.ts';
import type { Provenance } from '../training/messages.ts';

/** Measures dense training of the same network where no stored run tells it. */
export type MeasureDense = (run: StoredRun) => Promise<{ stepMs: number; source: string } | undefined>;

/**
 * The three honest numbers of a run: so far while it trains, final once it has finished.
 * @throws UserError `not-started` before its first step
 */
export async function honestNumbers(
  store: RunStore,
  id: string,
  measureDense: MeasureDense,
): Promise<HonestNumbers> {
  const run = store.getRun(id);
  const values = { ...store.latestMetrics(id), ...store.readSummary(id)?.values };
  const spent = values['flops/train'];
  const percent = values['flops/percentOfDense'];
  if (!(percent > 0)) {
    throw new UserError('not-started', `run ${id} is ${run.state} and has not trained a step yet`);
  }
  return {
    flops: { run: spent, dense: spent / (percent / 100) },
    time: await stepTimes(store, run, values, measureDense),
    bytes: weightBytes(store, id),
  };
}

async function stepTimes(
  store: RunStore,
  run: StoredRun,
  values: Record<string, number>,
  measureDense: MeasureDense,
): Promise<HonestNumbers['time']> {
  const own = values['time/stepMs'] ?? meanStepMs(store, run.id);
  if (own === undefined) return undefined;
  if (isDense(run)) return { run: own, dense: own, denseSource: 'this run is dense' };
  const dense = newestDenseTwin(store, run) ?? (await measureDense(run));
  return dense && { run: own, dense: dense.stepMs, denseSource: dense.source };
}

/** Mean of the recorded step times; every point stands for about the same stretch of time. */
function meanStepMs(store: RunStore, id: string): number | undefined {
  const recorded = stepParts
    .map((part) => store.readSeries(id, `time/${part}`).values)
    .filter((values) => values.length > 0);
  if (recorded.length === 0) return undefined;
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return recorded.reduce((total, values) => total + mean(values), 0);
}

/** The newest finished dense run of the same network, data and batch size on the same engine and threads. */
function newestDenseTwin(store: RunStore, run: StoredRun): { stepMs: number; source: string } | undefined {
  const { config } = run;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const { engine, threads } = run.environment as Partial<Provenance>;
  const twin = store
    .listRuns({
      state: 'finished',
      settings: {
        'model.id': config.model.id,
        'dataset.id': config.dataset.id,
        'training.batchSize': config.training.batchSize,
      },
    })
    .find(
      (other) =>
        isDense(other) &&
        same(other.config.model.values, config.model.values) &&
        same(other.config.dataset.values, config.dataset.values) &&
        other.environment.engine === engine &&
        other.environment.threads === threads,
    );
  const stepMs = twin && store.readSummary(twin.id)?.values['time/stepMs'];
  return stepMs ? { stepMs, source: `run “${twin.name}”` } : undefined;
}

function isDense({ config }: StoredRun): boolean {
  const taxonomy = methods.find(({ id }) => id === config.method.id)?.taxonomy;
  return taxonomy?.start === 'dense' && taxonomy.end === 'dense';
}

/** From the newest mask of every layer. */
function weightBytes(store: RunStore, id: string): HonestNumbers['bytes'] {
  const newest = new Map(store.listSnapshots(id).map((snapshot) => [snapshot.layer, snapshot]));
  const bytes = { run: 0, dense: 0 };
  for (const { rows, columns, nnz } of newest.values()) {
    bytes.run += storedBytes(rows, rows * columns, nnz);
    bytes.dense += 4 * rows * columns;
  }
  return bytes;
}
