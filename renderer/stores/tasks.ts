import { defineStore } from 'pinia';
import { shallowRef, triggerRef, watch } from 'vue';
import type { Events } from '../../shared/contract.ts';
import type { Task } from '../../shared/task.ts';
import { useHost } from '../host/client.ts';

/** What the host does in the background: downloads, imports, measurements, and starting runs. */
export const useTasks = defineStore('tasks', () => {
  const host = useHost();
  /** By id; those that ended since this window opened are among them. */
  const tasks = shallowRef(new Map<string, Task>());
  /** What runs do before they train, by their id. */
  const starting = shallowRef(new Map<string, Events['run.progress']>());

  host.on('task.changed', (task) => {
    tasks.value.set(task.id, task);
    triggerRef(tasks);
  });
  host.on('run.progress', (progress) => {
    if (progress.text === '') starting.value.delete(progress.runId);
    else starting.value.set(progress.runId, progress);
    triggerRef(starting);
  });

  /** What began before this window opened, or was missed while the connection was lost. */
  async function load(): Promise<void> {
    const now = await host.call('tasks.list', {});
    const ended = [...tasks.value.values()].filter(({ state }) => state !== 'running');
    tasks.value = new Map([...ended, ...now.tasks].map((task) => [task.id, task]));
    starting.value = new Map(now.starting.map((progress) => [progress.runId, progress]));
  }
  // Without an answer the events still tell; a connection that breaks again asks again.
  watch(host.status, (status) => status === 'open' && void load().catch(() => {}), { immediate: true });

  return { tasks, starting, cancel: (id: string) => host.call('tasks.cancel', { id }) };
});
