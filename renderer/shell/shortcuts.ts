import { useEventListener } from '@vueuse/core';
import { commands } from '../../shared/commands.ts';
import { runCommand } from '../commands/commands.ts';
import { createKeyMatcher } from '../commands/keys.ts';
import { isMac } from '../ui/keys.ts';

/** Typing there is text, not commands. A combobox or closed select takes letters as a search. */
function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches(
        'textarea, select, [role="combobox"], input:not([type="checkbox"], [type="radio"], [type="range"])',
      ))
  );
}

/** Something lies over the view and has the keyboard. */
const overlayOpen = (): boolean =>
  document.querySelector(
    '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"][data-state="open"]',
  ) !== null;

/** Listens to the shortcuts of `shared/commands.ts` in the whole window. */
export function useShortcuts(): void {
  const shortcuts = commands.flatMap(({ id, keys }) => (keys ? [[keys, id] as const] : []));
  const match = createKeyMatcher(shortcuts, isMac);

  useEventListener(window, 'keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const withMod = isMac ? event.metaKey : event.ctrlKey;
    if (!withMod && (takesText(event.target) || overlayOpen())) return;
    const found = match(event, event.timeStamp);
    if (found === undefined) return;
    if (found === 'started') return event.preventDefault();
    // Text has its own undo.
    if (found.id === 'edit.undo' && takesText(event.target)) return;
    if (runCommand(found.id)) event.preventDefault();
  });
}
