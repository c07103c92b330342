import { ref, type DeepReadonly, type Ref } from 'vue';

export interface Undo {
  /** What was done, "Run deleted". */
  label: string;
  /** Takes it back. */
  run(): unknown;
}

const limit = 50;
const stack = ref<Undo[]>([]);

/** What can be taken back, oldest first. */
export const undoStack: DeepReadonly<Ref<Undo[]>> = stack;

/**
 * Remembers how to take an action back.
 * @returns takes this very action back, once; for the Undo button of its toast
 */
export function pushUndo(undo: Undo): () => void {
  const entry = { ...undo };
  stack.value = [...stack.value, entry].slice(-limit);
  return () => {
    if (stack.value.some(({ run }) => run === entry.run)) take(entry);
  };
}

/** Takes the newest action back. @returns its label, undefined if there was none */
export function undoNewest(): string | undefined {
  const newest = stack.value.at(-1);
  if (newest) take(newest);
  return newest?.label;
}

function take(entry: Undo): void {
  stack.value = stack.value.filter(({ run }) => run !== entry.run);
  entry.run();
}
