import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { RunRow } from '../../../shared/run-view.ts';
import { columnOf, columnsOf, type Column } from '../../runs/columns.ts';
import { parseFilter } from '../../runs/filter.ts';
import { aggregate, configGrouping, groupRows, type Group } from '../../runs/group.ts';
import { sortRows, type Sorting } from '../../runs/sort.ts';
import type { RunsViewState } from '../../runs/view-state.ts';
import { vocabularyOf } from '../../runs/vocabulary.ts';
import { writeValue } from '../../runs/write-value.ts';
import { useRuns } from '../../stores/runs.ts';
import { useWorkbench } from '../../stores/workbench.ts';
import { useSettledOrder } from './use-settled-order.ts';

/** A line of the table: a run, or the head of a group. */
export type Item =
  { type: 'run'; key: string; row: RunRow; nested: boolean } | { type: 'group'; key: string; group: Group };

/** From all runs to the lines of the table: filter, sort, group, in an order that does not jump. */
export function useRunList(state: Readonly<Ref<RunsViewState>>) {
  const runs = useRuns();
  const workbench = useWorkbench();

  /** What can be a column changes only when runs bring new settings or metrics, not with every live value. */
  const availableIds = computed(() =>
    columnsOf(runs.list, workbench.catalog)
      .map(({ id }) => id)
      .join('\n'),
  );
  const available: ComputedRef<Column[]> = computed(() => {
    return availableIds.value.split('\n').map((id) => columnOf(id, workbench.catalog));
  });
  const vocabulary = computed(() => vocabularyOf(available.value));
  const column = (id: string) => columnOf(id, workbench.catalog);

  const filter = computed(() => parseFilter(state.value.filter, vocabulary.value));
  const inScope = computed(() => {
    const withArchived = state.value.archived || filter.value.wantsArchived;
    return runs.list.filter(({ archived }) => withArchived || !archived);
  });
  const filtered = computed(() => inScope.value.filter(filter.value.test));

  const sorting = computed((): Sorting[] =>
    state.value.sort.map(({ id, descending }) => ({ column: column(id), descending })),
  );
  const sorted = computed(() => sortRows(filtered.value, sorting.value));
  const groups = computed(() => {
    if (state.value.groups.length === 0) return undefined;
    const groupings = state.value.groups.map((id) => (id === configGrouping ? configGrouping : column(id)));
    return sortGroups(groupRows(sorted.value, groupings, writeValue), sorting.value);
  });
  const byKey = computed(() => new Map(groups.value?.map((group) => [group.key, group])));

  // What runs and groups are in which order; a live row that changes its place waits until nobody points at it.
  const reason = computed(() => {
    const { filter, sort, groups, archived } = state.value;
    return JSON.stringify([filter, sort, groups, archived, runs.loaded]);
  });
  const runOrder = useSettledOrder(
    computed(() => sorted.value.map(({ id }) => id)),
    reason,
  );
  const groupOrder = useSettledOrder(
    computed(() => groups.value?.map(({ key }) => key) ?? []),
    reason,
  );

  const expanded = ref(new Set<string>());
  const toRun = (nested: boolean) => (id: string) => {
    const row = runs.get(id);
    return row ? [{ type: 'run' as const, key: id, row, nested }] : [];
  };
  const items = computed((): Item[] => {
    const place = new Map(runOrder.order.value.map((id, i) => [id, i]));
    if (!groups.value) return runOrder.order.value.flatMap(toRun(false));
    return groupOrder.order.value.flatMap((key): Item[] => {
      const group = byKey.value.get(key);
      if (!group) return [];
      const ids = group.rows.map(({ id }) => id).sort((a, b) => place.get(a)! - place.get(b)!);
      return [{ type: 'group', key, group }, ...(expanded.value.has(key) ? ids.flatMap(toRun(true)) : [])];
    });
  });

  return {
    available,
    vocabulary,
    column,
    filter,
    inScope,
    filtered,
    groups,
    items,
    expanded,
    /** Ids of the filtered runs in the order of the table, also those in closed groups. */
    order: computed(() =>
      groups.value
        ? items.value.flatMap((item) =>
            item.type === 'run'
              ? [item.key]
              : expanded.value.has(item.key)
                ? []
                : item.group.rows.map(({ id }) => id),
          )
        : runOrder.order.value,
    ),
    toggleGroup(key: string): void {
      if (!expanded.value.delete(key)) expanded.value.add(key);
    },
    touch(): void {
      runOrder.touch();
      groupOrder.touch();
    },
  };
}

/** By the mean of the columns that are sorted by; others keep the order of their first runs. */
function sortGroups(groups: Group[], sorting: readonly Sorting[]): Group[] {
  const keys = new Map(
    groups.map((group) => [group, sorting.map(({ column }) => aggregate(group.rows, column)?.mean)]),
  );
  return groups.sort((a, b) => {
    for (let i = 0; i < sorting.length; i++) {
      const [x, y] = [keys.get(a)![i], keys.get(b)![i]];
      if (x === undefined && y === undefined) continue;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      if (x !== y) return sorting[i].descending ? y - x : x - y;
    }
    return 0;
  });
}
