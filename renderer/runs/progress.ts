import type { RunRow } from '../../shared/run-view.ts';
import { isLive } from '../../shared/run-state.ts';

/** How far a run is; `fraction` is 0..1, `remainingMs` an extrapolation that is known only while it trains. */
export interface Progress {
  fraction: number;
  remainingMs: number | undefined;
}

/** @returns undefined before the number of steps is known */
export function progressOf(row: RunRow, nowMs: number): Progress | undefined {
  if (!row.totalSteps) return undefined;
  const fraction = Math.min(1, row.step / row.totalSteps);
  const trains = row.state === 'running' && row.startedMs !== undefined && fraction > 0;
  return {
    fraction,
    remainingMs: trains ? ((nowMs - row.startedMs!) * (1 - fraction)) / fraction : undefined,
  };
}

/** Milliseconds from its start to its end, or to now while it is live. */
export function durationOf(row: RunRow, nowMs: number): number | undefined {
  if (row.startedMs === undefined) return undefined;
  if (row.endedMs !== undefined) return row.endedMs - row.startedMs;
  return isLive(row.state) ? nowMs - row.startedMs : undefined;
}
