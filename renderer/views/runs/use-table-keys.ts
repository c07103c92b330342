import { useEventListener } from '@vueuse/core';
import type { Ref } from 'vue';
import type { Item } from './use-run-list.ts';
import type { Selection } from './use-selection.ts';

/** Elements that use these keys themselves. */
const takesKeys = 'input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]';
const takesEnter = 'button, a, [role=button], [role=menuitem]';

/** The table by keyboard, wherever the focus is in the view: j and k or arrows, x, Enter, Home, End, Esc. */
export function useTableKeys(
  items: Readonly<Ref<readonly Item[]>>,
  selection: Selection,
  act: { open(id: string): void; toggleGroup(key: string): void; tag(): void; isEnabled(): boolean },
): void {
  const indexOfActive = () => items.value.findIndex(({ key }) => key === selection.active.value);

  function go(to: number, extend: boolean): void {
    const item = items.value[Math.min(items.value.length - 1, Math.max(0, to))];
    if (!item) return;
    if (extend && item.type === 'run') {
      const from = items.value[indexOfActive()];
      if (selection.selected.value.size === 0 && from?.type === 'run') selection.toggle(from.key);
      selection.extendTo(item.key);
    } else selection.activate(item.key);
  }

  function handle(event: KeyboardEvent): boolean {
    const at = indexOfActive();
    const item = items.value[at];
    const page = 20;
    switch (event.key) {
      case 'j':
      case 'J':
      case 'ArrowDown':
        go(at + 1, event.shiftKey);
        return true;
      case 'k':
      case 'K':
      case 'ArrowUp':
        go(at < 0 ? 0 : at - 1, event.shiftKey);
        return true;
      case 'PageDown':
        go(at + page, event.shiftKey);
        return true;
      case 'PageUp':
        go(at - page, event.shiftKey);
        return true;
      case 'Home':
        go(0, event.shiftKey);
        return true;
      case 'End':
        go(items.value.length - 1, event.shiftKey);
        return true;
      case 'x':
        if (item?.type === 'run') selection.toggle(item.key);
        if (item?.type === 'group') selection.toggleAll(item.group.rows.map(({ id }) => id));
        return item !== undefined;
      case 't':
        act.tag();
        return true;
      case 'Enter':
        if (item?.type === 'run') act.open(item.key);
        if (item?.type === 'group') act.toggleGroup(item.key);
        return item !== undefined;
      case 'ArrowRight':
      case 'ArrowLeft':
        if (item?.type !== 'group') return false;
        act.toggleGroup(item.key);
        return true;
      case 'Escape':
        if (selection.selected.value.size === 0) return false;
        selection.clear();
        return true;
      default:
        return false;
    }
  }

  useEventListener(window, 'keydown', (event) => {
    const target = event.target as Element;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !act.isEnabled()) return;
    if (target.closest(takesKeys) || (event.key === 'Enter' && target.closest(takesEnter))) return;
    if (handle(event)) event.preventDefault();
  });
}
