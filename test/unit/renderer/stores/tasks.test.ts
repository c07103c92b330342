import { createPinia, setActivePinia } from 'pinia';
import { createApp, nextTick, type Ref } from 'vue';
import { expect, it } from 'vitest';
import type { HostStatus } from '../../../../renderer/host/client.ts';
import { hostKey } from '../../../../renderer/host/client.ts';
import { useTasks } from '../../../../renderer/stores/tasks.ts';
import type { Task } from '../../../../shared/task.ts';
import { fakeHost } from '../support/fake-host.ts';

const download: Task = {
  ...{ id: 'task-1', kind: 'download', title: 'MNIST', state: 'running' },
  ...{ fraction: 0.5, message: '' },
};
const loading = { runId: 'A', text: 'Loading data', fraction: 0.4 };

it('a window that opens or comes back knows what began without it, and forgets what ended', async () => {
  let now = { tasks: [download], starting: [loading] };
  const host = fakeHost({ 'tasks.list': () => now });
  const pinia = createPinia();
  createApp({}).provide(hostKey, host.client).use(pinia);
  setActivePinia(pinia);
  const store = useTasks();
  await nextTick();
  await nextTick();
  expect([...store.tasks.values()]).toEqual([download]);
  expect(store.starting.get('A')).toEqual(loading);

  host.say('run.progress', { ...loading, text: '' });
  host.say('task.changed', { ...download, id: 'task-2', state: 'done' });
  expect(store.starting.size).toBe(0);

  now = { tasks: [], starting: [] };
  const status = host.client.status as Ref<HostStatus>;
  status.value = 'lost';
  await nextTick();
  status.value = 'open';
  await nextTick();
  await nextTick();
  expect([...store.tasks.keys()]).toEqual(['task-2']);
});
