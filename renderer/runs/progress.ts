import type { RunRow } from '../../shared/run-view.ts';
import { isLive } from '../../shared/run-state.ts';

/** How much of a run is done, 0..1; undefined before the number of steps is known. */
export function progressOf({ step, totalSteps }: Pick<RunRow, 'step' | 'totalSteps'>): number | undefined {
  return totalSteps ? Math.min(1, step / totalSteps) : undefined;
}

/** Milliseconds from its start to its end, or to now while it is live. */
export function durationOf(row: RunRow, nowMs: number): number | undefined {
  if (row.startedMs === undefined) return undefined;
  if (row.endedMs !== undefined) return row.endedMs - row.startedMs;
  return isLive(row.state) ? nowMs - row.startedMs : undefined;
}
