import { expect, test } from 'vitest';
import { engineIds } from '../../../../shared/run.ts';
import { openWorkbench, until } from '../../../support/workbench.ts';

const config = {
  model: { id: 'mlp', widths: [300, 100] },
  dataset: 'two-moons',
  method: { id: 'rigl', density: 0.05 },
  training: { batchSize: 128, epochs: 4 },
};

test('steps of a config are timed against dense ones, once', async () => {
  const workbench = openWorkbench();
  const first = await workbench.call('form.measure', { config });
  expect(first.stepsPerEpoch).toBe(15);
  expect(first.run).toMatchObject({ label: '5 % dense', batchSize: 128 });
  expect(first.run.density).toBeCloseTo(0.05, 12);
  expect(first.dense).toMatchObject({ label: 'dense', density: 1 });
  for (const { stepMs } of [first.run, first.dense]) expect(stepMs).toBeGreaterThan(0);
  const started = performance.now();
  expect(await workbench.call('form.measure', { config: { ...config, name: 'again' } })).toEqual(first);
  expect(performance.now() - started).toBeLessThan(200);
  expect(workbench.said('task.changed')[0]).toMatchObject({ kind: 'measure', state: 'running' });
});

test('a config with a problem is not timed; the problem is named', async () => {
  const workbench = openWorkbench();
  await expect(
    workbench.call('form.measure', { config: { ...config, method: { id: 'rigl', density: 0 } } }),
  ).rejects.toMatchObject({ field: 'method.density' });
  expect(workbench.said('task.changed')).toEqual([]);
});

test('beside a training run the times say so, and are not remembered', async () => {
  const workbench = openWorkbench();
  const { id } = await workbench.call('runs.create', {
    config: { ...config, training: { batchSize: 128, epochs: 100_000 } },
  });
  await until(() => workbench.store.getRun(id).state === 'running');
  const { run } = await workbench.call('form.measure', { config });
  expect(run.label).toBe('5 % dense, while a run was training');
  await workbench.call('runs.stop', { id });
  await until(() => workbench.store.getRun(id).state === 'stopped');
  await until(() => workbench.queue.get().active.length === 0);
  expect((await workbench.call('form.measure', { config })).run.label).toBe('5 % dense');
});

test('engines are listed and measured', async () => {
  const workbench = openWorkbench();
  const engines = await workbench.call('engines.list', {});
  expect(engines.map(({ id }) => id)).toEqual(engineIds);
  const reference = engines.find(({ id }) => id === 'reference')!;
  expect(reference).toMatchObject({ available: true, maxThreads: 1, device: { kind: 'cpu' } });
  const network = { model: 'mlp', dataset: 'fashion-mnist-mini', batchSize: 32, density: 0.05 };
  const times = await workbench.call('engines.measure', { backend: 'reference', threads: 1, ...network });
  expect([times.dense.label, times.run.label]).toEqual(['dense', '5 % dense']);
  expect(times.run).toMatchObject({ threads: 1, batchSize: 32, density: 0.05, engine: reference.detail });
});
