import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { DatasetInfo } from '../../shared/dataset-info.ts';
import type { Task } from '../../shared/task.ts';
import { useHost } from '../host/client.ts';
import { useTasks } from './tasks.ts';

/** Data sets and their downloads, for the data page and for the form. */
export const useDatasets = defineStore('datasets', () => {
  const host = useHost();
  const tasks = useTasks();
  const list = shallowRef<DatasetInfo[]>([]);
  const loaded = ref(false);
  const error = ref<unknown>();
  /** The newest download of each data set, by its name. */
  const taskIds = shallowRef(new Map<string, string>());

  async function load(): Promise<void> {
    try {
      list.value = await host.call('datasets.list', {});
      loaded.value = true;
      error.value = undefined;
    } catch (reason) {
      error.value = reason;
    }
  }

  async function download(name: string): Promise<void> {
    const { taskId } = await host.call('datasets.download', { id: name });
    taskIds.value = new Map(taskIds.value).set(name, taskId);
  }

  const downloads = computed(() => {
    const running = new Map<string, Task>();
    for (const [name, id] of taskIds.value) {
      const task = tasks.tasks.get(id);
      if (task) running.set(name, task);
    }
    return running;
  });
  const endings = computed(
    () => [...downloads.value.values()].filter(({ state }) => state !== 'running').length,
  );
  watch(endings, load);
  watch(host.status, (status) => status === 'open' && loaded.value && load());

  return { list, loaded, error, load, download, downloads, cancel: tasks.cancel };
});
