import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Queue } from '../../shared/run-view.ts';
import { useHost } from '../host/client.ts';
import { useWorkbench } from './workbench.ts';

/** Runs that train now and runs that wait. */
export const useQueue = defineStore('queue', () => {
  const host = useHost();
  const queue = shallowRef<Queue>({ slots: 1, active: [], waiting: [] });

  const load = async (): Promise<void> => void (queue.value = await host.call('queue.get', {}));
  host.on('queue.changed', (changed) => (queue.value = changed));

  return {
    queue,
    load,
    /** Shows the new order at once; if the host refuses it, its order is back. */
    async reorder(ids: readonly string[]): Promise<void> {
      queue.value = { ...queue.value, waiting: [...ids] };
      try {
        await host.call('queue.reorder', { ids: [...ids] });
      } catch (error) {
        await load();
        throw error;
      }
    },
    setSlots: (slots: number) => useWorkbench().changeSettings({ slots }),
  };
});
