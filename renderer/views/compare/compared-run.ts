import type { RunRow } from '../../../shared/run-view.ts';
import { runColor, runDash } from '../../charts/palette.ts';

/** A run with what it looks like in this comparison: by its place, so that no two look alike. */
export interface ComparedRun {
  id: string;
  row: RunRow;
  color: string;
  dash: readonly number[];
}

/** @param ids in the order of the comparison; runs that are gone are left out but keep their place's look */
export function comparedRuns(ids: readonly string[], get: (id: string) => RunRow | undefined): ComparedRun[] {
  return ids.flatMap((id, i) => {
    const row = get(id);
    return row ? [{ id, row, color: runColor(id, i), dash: runDash(i) }] : [];
  });
}
