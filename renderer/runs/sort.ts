import type { RunRow } from '../../shared/run-view.ts';
import type { Column, Value } from './columns.ts';

export interface Sorting {
  column: Column;
  descending: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Missing values come last whichever way is sorted: what is not there is neither small nor large. */
function compareValues(a: Value | undefined, b: Value | undefined, descending: boolean): number {
  const isMissing = (v: Value | undefined) => v === undefined || (typeof v === 'number' && Number.isNaN(v));
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

/** Sorts by the first column, then the next; rows that are equal in all keep their order. */
export function sortRows(rows: readonly RunRow[], sorting: readonly Sorting[]): RunRow[] {
  if (sorting.length === 0) return [...rows];
  const keyed = rows.map((row) => ({ row, keys: sorting.map(({ column }) => column.value(row)) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < sorting.length; i++) {
      const order = compareValues(a.keys[i], b.keys[i], sorting[i].descending);
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}
