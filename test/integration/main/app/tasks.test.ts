import { expect, test, onTestFinished } from 'vitest';
import { EventBus } from '../../../../main/app/events.ts';
import { TaskRunner } from '../../../../main/app/tasks.ts';
import type { Task } from '../../../../shared/task.ts';

function newRunner() {
  const events = new EventBus();
  const said: Task[] = [];
  events.connect((event, payload) => {
    if (event === 'task.changed') said.push(payload as Task);
  });
  const tasks = new TaskRunner(events);
  onTestFinished(() => tasks.close());
  return { tasks, said };
}

const moons = { dataset: { id: 'two-moons', values: {} }, dataFolder: '/nonexistent' };
/** Takes seconds: long enough to be cancelled in the middle. */
const slow = {
  dataset: { id: 'teacher-student', values: { trainCount: 400_000, features: 400 } },
  ...{ dataFolder: '/nonexistent', split: 'train' as const, offset: 0, count: 1 },
};

test('jobs run in another process and give back what they found, errors included', async () => {
  const { tasks } = newRunner();
  const { samples, labels, classCounts } = await tasks.run('previewDataset', {
    ...{ ...moons, split: 'test' as const, offset: 10, count: 3, label: 1 },
  });
  expect(samples).toBeInstanceOf(Uint8Array);
  expect([samples.length, [...labels], classCounts]).toEqual([6, [1, 1, 1], [500, 500]]);
  await expect(
    tasks.run('outlineDataset', { ...moons, dataset: { id: 'csv', values: { folder: '/nowhere' } } }),
  ).rejects.toMatchObject({ code: 'no-data', field: 'dataset.folder' });
});

test('a cancelled task ends at once, says so, and the next one works', async () => {
  const { tasks, said } = newRunner();
  const { id, done } = tasks.track({ kind: 'import', title: 'slow' }, (options) =>
    tasks.run('previewDataset', slow, options),
  );
  const outcome = done.catch((error: { code: string }) => error.code);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const started = performance.now();
  tasks.cancel(id);
  expect(await outcome).toBe('cancelled');
  expect(performance.now() - started).toBeLessThan(1000);
  expect(said.map(({ state }) => state)).toEqual(['running', 'cancelled']);
  expect(() => tasks.cancel(id)).toThrow(/"task-1" is not a task that is running/);
  expect(await tasks.run('outlineDataset', moons)).toMatchObject({ classes: 2 });
});

test('a quiet task is heard of only once it takes long', async () => {
  const { tasks, said } = newRunner();
  const wait = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, ms));
  const task = { kind: 'measure', title: 'quiet' } as const;
  await tasks.track(task, wait(10), 400).done;
  expect(said).toEqual([]);
  await tasks.track(task, wait(600), 50).done;
  expect(said.map(({ state }) => state)).toEqual(['running', 'done']);
});

test('a job that takes too long fails with its limit', async () => {
  const { tasks } = newRunner();
  await expect(tasks.run('previewDataset', slow, { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'timeout',
    message: 'It took longer than 0.3 s.',
  });
});

test('more jobs than helpers wait for their turn; one that is cancelled while it waits takes none', async () => {
  const { tasks } = newRunner();
  const waiting = new AbortController();
  const jobs = Array.from({ length: 9 }, (_, i) =>
    tasks.run('previewDataset', {
      ...{ ...moons, split: 'train' as const, offset: i, count: 1 },
    }),
  );
  const given = tasks.run('outlineDataset', moons, { signal: waiting.signal });
  waiting.abort();
  await expect(given).rejects.toMatchObject({ code: 'cancelled' });
  const previews = await Promise.all(jobs);
  expect(previews.map(({ indices }) => [...indices])).toEqual(jobs.map((_, i) => [i]));
});

test('known answers are found once; failures are asked again', async () => {
  const { tasks } = newRunner();
  expect(tasks.known('outlineDataset', moons)).toBe(tasks.known('outlineDataset', { ...moons }));
  const missing = { ...moons, dataset: { id: 'csv', values: { folder: '/nowhere' } } };
  const first = tasks.known('outlineDataset', missing);
  await expect(first).rejects.toThrow();
  const second = tasks.known('outlineDataset', missing);
  expect(second).not.toBe(first);
  await expect(second).rejects.toThrow();
});

test('closing cancels what runs and refuses what comes', async () => {
  const { tasks } = newRunner();
  const running = tasks.run('previewDataset', slow);
  const outcome = running.catch((error: { code: string }) => error.code);
  await new Promise((resolve) => setTimeout(resolve, 100));
  tasks.close();
  expect(await outcome).toBe('cancelled');
  await expect(tasks.run('outlineDataset', moons)).rejects.toMatchObject({ code: 'cancelled' });
});

test('what runs is told to whoever asks, as long as it runs', async () => {
  const { tasks } = newRunner();
  let end = () => {};
  const work = () => new Promise<void>((resolve) => (end = resolve));
  const shown = tasks.track({ kind: 'import', title: 'shown' }, ({ onProgress }) => {
    onProgress!({ text: 'half of it', fraction: 0.5 });
    return work();
  });
  const quiet = tasks.track({ kind: 'measure', title: 'quiet' }, () => Promise.resolve(), 10_000);
  const task = { id: shown.id, kind: 'import', title: 'shown', state: 'running' };
  expect(tasks.list()).toEqual([{ ...task, message: 'half of it', fraction: 0.5 }]);
  end();
  await Promise.all([shown.done, quiet.done]);
  expect(tasks.list()).toEqual([]);
});
