import { onScopeDispose, watch } from 'vue';
import { useHost, type HostClient } from '../host/client.ts';

/** How many mounted components want the frames of each run; the host is told their union. */
const wanted = new WeakMap<HostClient, Map<string, number>>();

/** Asks for the live frames of some runs while the calling component is mounted, and again after a reconnect. */
export function useLiveFrames(ids: () => readonly string[]): void {
  const host = useHost();
  const counts = wanted.get(host) ?? new Map<string, number>();
  wanted.set(host, counts);
  let mine: readonly string[] = [];

  const tell = () => {
    // A window that is offline asks again once it is back.
    if (host.status.value === 'open')
      host.call('live.watch', { ids: [...counts.keys()].slice(0, 100) }).catch(() => {});
  };
  const want = (next: readonly string[]) => {
    for (const id of next) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const id of mine) {
      const left = counts.get(id)! - 1;
      if (left === 0) counts.delete(id);
      else counts.set(id, left);
    }
    mine = next;
    tell();
  };

  watch(ids, (next) => want([...next]), { immediate: true });
  watch(host.status, tell);
  onScopeDispose(() => want([]));
}
