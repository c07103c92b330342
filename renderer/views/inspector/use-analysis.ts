import { shallowRef, watch, type ShallowRef } from 'vue';

export interface Analysis<T> {
  /** The newest result; it stays while the next one is computed. */
  value: Readonly<ShallowRef<T | undefined>>;
  error: Readonly<ShallowRef<unknown>>;
}

/**
 * Computes something anew whenever its input changes, one at a time: while one is computed only the newest input
 * waits, so that scrubbing through snapshots does not queue up work. Results show as they come.
 * @param input undefined where there is nothing to compute; compared as JSON
 * @param subject a result for another subject (layer) is not kept while waiting
 */
export function useAnalysis<I, T>(
  input: () => I | undefined,
  compute: (input: I) => Promise<T>,
  subject: () => unknown = () => undefined,
): Analysis<T> {
  const value = shallowRef<T>();
  const error = shallowRef<unknown>();
  let isBusy = false;
  let isStale = false;

  async function run(): Promise<void> {
    if (isBusy) {
      isStale = true;
      return;
    }
    const wanted = input();
    if (wanted === undefined) {
      value.value = undefined;
      return;
    }
    isBusy = true;
    const about = subject();
    try {
      const result = await compute(wanted);
      if (about === subject()) value.value = result;
      error.value = undefined;
    } catch (reason) {
      error.value = reason;
    }
    isBusy = false;
    if (isStale) {
      isStale = false;
      void run();
    }
  }

  watch(subject, () => (value.value = undefined));
  watch(() => JSON.stringify(input()), run, { immediate: true });
  return { value, error };
}
