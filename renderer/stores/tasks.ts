import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { Task } from '../../shared/task.ts';
import { useHost } from '../host/client.ts';

/** Downloads, imports and measurements of the host since this window opened. */
export const useTasks = defineStore('tasks', () => {
  const host = useHost();
  const tasks = shallowRef(new Map<string, Task>());
  host.on('task.changed', (task) => {
    tasks.value.set(task.id, task);
    triggerRef(tasks);
  });
  return { tasks, cancel: (id: string) => host.call('tasks.cancel', { id }) };
});
