/** Whether `Mod` is the Command key on this machine. */
export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const macSymbols: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Ctrl: '⌃' };
const names: Readonly<Record<string, string>> = {
  Mod: 'Ctrl',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** `Mod+K` as the caps to draw, ['Ctrl', 'K']; a sequence `g r` has several groups of caps. */
export function keyCaps(keys: string, mac = isMac): string[][] {
  return keys.split(' ').map((chord) =>
    chord.split('+').map((key) => {
      const name = (mac ? macSymbols[key] : undefined) ?? names[key] ?? key;
      return name.length === 1 ? name.toUpperCase() : name;
    }),
  );
}

/** For titles and menus as text: `Ctrl+K`, `G then R`. */
export function keyText(keys: string, mac = isMac): string {
  return keyCaps(keys, mac)
    .map((caps) => caps.join(mac ? '' : '+'))
    .join(' then ');
}
