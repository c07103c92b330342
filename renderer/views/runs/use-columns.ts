import { computed, type Ref } from 'vue';
import type { Column } from '../../runs/columns.ts';
import type { RunsViewState, ShownColumn } from '../../runs/view-state.ts';

export interface LaidOutColumn {
  column: Column;
  width: number;
  /** Pixels from the left where it sticks; undefined where it scrolls. */
  pinnedAt: number | undefined;
}

export const checkWidth = 32;
const limits = { min: 40, max: 800 };

/** Which columns are shown, where and how wide, and what can be done with them. */
export function useColumns(
  state: Readonly<Ref<RunsViewState>>,
  change: (patch: Partial<RunsViewState>) => void,
  columnOf: (id: string) => Column,
) {
  /** Pinned ones first, whatever the address says. */
  const shown = computed(() => [
    ...state.value.columns.filter(({ pinned }) => pinned),
    ...state.value.columns.filter(({ pinned }) => !pinned),
  ]);
  const laidOut = computed((): LaidOutColumn[] => {
    let left = checkWidth;
    return shown.value.map(({ id, width: wanted, pinned }) => {
      const column = columnOf(id);
      const width = wanted ?? column.width;
      const pinnedAt = pinned ? left : undefined;
      left += width;
      return { column, width, pinnedAt };
    });
  });

  const set = (columns: ShownColumn[]) => change({ columns });
  const patch = (id: string, part: Partial<ShownColumn>) =>
    set(shown.value.map((column) => (column.id === id ? { ...column, ...part } : column)));

  return {
    laidOut,
    shown,
    isShown: (id: string) => shown.value.some((column) => column.id === id),
    show: (id: string) => set([...shown.value, { id, pinned: false }]),
    hide: (id: string) => set(shown.value.filter((column) => column.id !== id)),
    resize: (id: string, width: number) =>
      patch(id, { width: Math.round(Math.min(limits.max, Math.max(limits.min, width))) }),
    resetWidth: (id: string) => patch(id, { width: undefined }),
    setPinned: (id: string, pinned: boolean) => patch(id, { pinned }),
    /** Puts a column before another one, or last; it is pinned if its new neighbours are. */
    move(id: string, before: string | undefined): void {
      const column = shown.value.find((one) => one.id === id);
      if (!column || id === before) return;
      const others = shown.value.filter((one) => one.id !== id);
      const at = before === undefined ? others.length : others.findIndex((one) => one.id === before);
      const pinned = others[at]?.pinned ?? false;
      set([...others.slice(0, at), { ...column, pinned }, ...others.slice(at)]);
    },
    /** One place to the left (-1) or right (1). */
    moveBy(id: string, by: -1 | 1): void {
      const ids = shown.value.map((column) => column.id);
      const at = ids.indexOf(id);
      if (ids[at + by] === undefined) return;
      this.move(id, by < 0 ? ids[at - 1] : ids[at + 2]);
    },
    reset: (columns: readonly ShownColumn[]) => set([...columns]),
  };
}

export type Columns = ReturnType<typeof useColumns>;
