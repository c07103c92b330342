import { onScopeDispose, shallowRef, watch, type Ref } from 'vue';
import { useHost } from '../../host/client.ts';

/**
 * Something the host knows about each run, fetched one after the other (an answer may need a measurement) and kept
 * while the view is open. Runs for which there is none are left out.
 * @param keyOf changes when what is known of a run is out of date
 */
export function usePerRun<T>(
  ids: Readonly<Ref<readonly string[]>>,
  fetch: (host: ReturnType<typeof useHost>, id: string) => Promise<T>,
  keyOf: (id: string) => string,
): Readonly<Ref<ReadonlyMap<string, T>>> {
  const host = useHost();
  const known = shallowRef<ReadonlyMap<string, T>>(new Map());
  const asked = new Set<string>();
  let queue = Promise.resolve();
  let isGone = false;
  onScopeDispose(() => (isGone = true));

  async function ask(id: string): Promise<void> {
    if (isGone) return;
    try {
      const value = await fetch(host, id);
      known.value = new Map(known.value).set(id, value);
    } catch {
      // A run that has not trained yet has no numbers: its cells say so by being empty.
    }
  }

  watch(
    () => ids.value.map((id) => [id, keyOf(id)] as const),
    (wanted) => {
      for (const [id, key] of wanted) {
        if (asked.has(`${id} ${key}`)) continue;
        asked.add(`${id} ${key}`);
        queue = queue.then(() => ask(id));
      }
    },
    { immediate: true },
  );
  return known;
}
