import { shallowRef, watch, type ComputedRef, type Ref } from 'vue';

export interface Selection {
  selected: Readonly<Ref<ReadonlySet<string>>>;
  /** The row that the keyboard is on. */
  active: Readonly<Ref<string | undefined>>;
  activate(id: string | undefined): void;
  toggle(id: string): void;
  /** Selects all of these, or none if all are selected. */
  toggleAll(ids: readonly string[]): void;
  set(ids: Iterable<string>): void;
  /** Selects everything between the row that was chosen last and this one. */
  extendTo(id: string): void;
  clear(): void;
}

/**
 * Which runs are chosen, and where the keyboard is; what is filtered away or deleted is neither any more.
 * @param order ids of all runs that could be chosen, as they are shown
 * @param lines keys of everything the keyboard can be on, runs and heads of groups
 */
export function useSelection(
  order: ComputedRef<readonly string[]>,
  lines: ComputedRef<readonly string[]>,
): Selection {
  const chosen = shallowRef<ReadonlySet<string>>(new Set());
  const current = shallowRef<string>();
  let anchor: string | undefined;
  /** What the range from the anchor has selected so far, so that it can shrink again. */
  let range: readonly string[] = [];

  watch(order, (ids) => {
    if (chosen.value.size === 0) return;
    const present = new Set(ids);
    chosen.value = new Set([...chosen.value].filter((id) => present.has(id)));
  });
  watch(lines, (keys) => {
    if (current.value !== undefined && !keys.includes(current.value)) current.value = undefined;
  });

  const set = (ids: Iterable<string>) => (chosen.value = new Set(ids));

  return {
    selected: chosen,
    active: current,
    set,
    clear() {
      set([]);
      range = [];
    },
    activate: (id) => (current.value = id),
    toggle(id) {
      const next = new Set(chosen.value);
      if (!next.delete(id)) next.add(id);
      set(next);
      anchor = id;
      range = [id];
    },
    toggleAll(ids) {
      const next = new Set(chosen.value);
      const all = ids.every((id) => next.has(id));
      for (const id of ids) {
        if (all) next.delete(id);
        else next.add(id);
      }
      set(next);
    },
    extendTo(id) {
      current.value = id;
      const to = order.value.indexOf(id);
      if (to < 0) return;
      const from = Math.max(0, order.value.indexOf(anchor ?? id));
      anchor ??= id;
      const next = new Set(chosen.value);
      for (const one of range) next.delete(one);
      range = order.value.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const one of range) next.add(one);
      set(next);
    },
  };
}
