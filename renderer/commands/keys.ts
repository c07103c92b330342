/* Matching of keys in the syntax of `shared/commands.ts`. */

/** The part of a KeyboardEvent that matters here. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

interface Chord {
  mod: boolean;
  shift: boolean;
  key: string;
}

function parseChord(text: string): Chord {
  const parts = text.split('+');
  return { mod: parts.includes('Mod'), shift: parts.includes('Shift'), key: parts.at(-1)!.toLowerCase() };
}

/** Whether pressing these keys is the chord `Mod+K`, `Shift+S`, `?` or `c`. */
export function matchesChord(text: string, press: KeyPress, mac: boolean): boolean {
  const chord = parseChord(text);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const otherMod = mac ? press.ctrlKey : press.metaKey;
  if (press.altKey || otherMod || mod !== chord.mod || press.key.toLowerCase() !== chord.key) return false;
  // Signs such as `?` need Shift on some keyboards and not on others; only for letters it makes a difference.
  return chord.shift === press.shiftKey || !/^[a-z]$/.test(chord.key);
}

/** How long the second key of a sequence may take, milliseconds. */
export const sequenceMs = 1200;

/**
 * Finds which of many shortcuts is pressed, remembering the first key of a sequence.
 * @param shortcuts what to look for, as `[keys, id]`
 */
export function createKeyMatcher(shortcuts: readonly (readonly [keys: string, id: string])[], mac: boolean) {
  const parsed = shortcuts.map(([keys, id]) => ({ id, chords: keys.split(' ') }));
  let started: { key: string; at: number } | undefined;

  /**
   * @param now milliseconds
   * @returns the id of the shortcut that this press completes; 'started' if it may be the first key of a sequence
   */
  return function match(press: KeyPress, now: number): { id: string } | 'started' | undefined {
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(press.key)) return undefined;
    const first = started && now - started.at <= sequenceMs ? started.key : undefined;
    started = undefined;
    if (first !== undefined) {
      const done = parsed.find(
        ({ chords }) => chords.length === 2 && chords[0] === first && matchesChord(chords[1], press, mac),
      );
      if (done) return { id: done.id };
    }
    const single = parsed.find(({ chords }) => chords.length === 1 && matchesChord(chords[0], press, mac));
    if (single) return { id: single.id };
    const start = parsed.find(({ chords }) => chords.length === 2 && matchesChord(chords[0], press, mac));
    if (!start) return undefined;
    started = { key: start.chords[0], at: now };
    return 'started';
  };
}
