import { watch } from 'vue';
import type { RunRow } from '../../shared/run-view.ts';
import { useRuns } from '../stores/runs.ts';

/** Speed is taken over this span, so that it follows a run that gets faster as it gets sparser. */
const windowMs = 30_000;

/** Remaining time of runs from how fast their steps come in now. Pauses, resumes and restarts leave no trace in it. */
export class EtaEstimator {
  readonly #samples = new Map<string, { timeMs: number; step: number }[]>();

  /** Notes where a run is at `timeMs`. */
  observe(row: Pick<RunRow, 'id' | 'state' | 'step'>, timeMs: number): void {
    if (row.state !== 'running') {
      this.#samples.delete(row.id);
      return;
    }
    const samples = this.#samples.get(row.id) ?? [];
    const last = samples.at(-1);
    // A step that went back is a resume from a checkpoint.
    if (last && row.step < last.step) samples.length = 0;
    // A run that stands still gets slower too; rows are looked at more often than they change.
    if (last?.step !== row.step || timeMs - last.timeMs >= 1000) samples.push({ timeMs, step: row.step });
    while (samples.length > 2 && timeMs - samples[0].timeMs > windowMs) samples.shift();
    this.#samples.set(row.id, samples);
  }

  /** @returns milliseconds until the run is done, undefined while that cannot be known */
  remainingMs(row: Pick<RunRow, 'id' | 'step' | 'totalSteps'>): number | undefined {
    const samples = this.#samples.get(row.id);
    if (!samples || samples.length < 2 || row.totalSteps === undefined) return undefined;
    const [first, last] = [samples[0], samples.at(-1)!];
    const elapsedMs = last.timeMs - first.timeMs;
    return elapsedMs < 1000 || first.step === last.step
      ? undefined
      : ((row.totalSteps - row.step) * elapsedMs) / (last.step - first.step);
  }
}

const estimator = new EtaEstimator();

/** Feeds the estimator from the runs; once, by the frame of the app. */
export function observeRuns(): void {
  const runs = useRuns();
  watch(
    () => runs.list,
    (rows) => {
      const now = Date.now();
      for (const row of rows) estimator.observe(row, now);
    },
    { immediate: true },
  );
}

/** Milliseconds until a run is done, undefined while that cannot be known. Changes with the run's row. */
export const remainingMs = (row: RunRow): number | undefined => estimator.remainingMs(row);
