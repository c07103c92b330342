import { shallowRef, type Ref } from 'vue';

export interface Undo {
  /** What was done, "Run deleted". */
  label: string;
  /** Takes it back. */
  run(): unknown;
}

const limit = 50;
const stack = shallowRef<readonly Undo[]>([]);

/** What can be taken back, oldest first. */
export const undoStack: Readonly<Ref<readonly Undo[]>> = stack;

/**
 * Remembers how to take an action back.
 * @returns takes this very action back, once; for the Undo button of its toast
 */
export function pushUndo(undo: Undo): () => void {
  const entry = { ...undo };
  stack.value = [...stack.value, entry].slice(-limit);
  return () => {
    if (stack.value.includes(entry)) take(entry);
  };
}

/** Takes the newest action back. @returns its label, undefined if there was none */
export function undoNewest(): string | undefined {
  const newest = stack.value.at(-1);
  if (newest) take(newest);
  return newest?.label;
}

function take(entry: Undo): void {
  stack.value = stack.value.filter((other) => other !== entry);
  entry.run();
}
