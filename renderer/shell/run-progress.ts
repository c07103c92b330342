import { isLive } from '../../shared/run-state.ts';
import type { RunRow } from '../../shared/run-view.ts';

/**
 * The runs that matter now: those that train, in the queue's order, those another process trains, then those that
 * wait.
 */
export function runsNow(
  rows: ReadonlyMap<string, RunRow>,
  queue: { active: readonly string[]; waiting: readonly string[] },
): RunRow[] {
  const foreign = [...rows.values()].filter(({ state }) => isLive(state)).map(({ id }) => id);
  const ids = new Set([...queue.active, ...foreign, ...queue.waiting]);
  return [...ids].flatMap((id) => rows.get(id) ?? []);
}
