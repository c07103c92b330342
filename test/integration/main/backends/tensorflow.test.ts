import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { listEngines } from '../../../../main/app/engines.ts';
import { EventBus } from '../../../../main/app/events.ts';
import { RunService } from '../../../../main/app/runs.ts';
import { TaskRunner } from '../../../../main/app/tasks.ts';
import { openWorkspace } from '../../../../main/app/workspace.ts';
import { tensorflowEngine } from '../../../../main/backends/tensorflow/engine.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { checkpoints, finalTensors } from '../../../support/checkpoints.ts';
import { tensorflowMissing } from '../../../support/tensorflow.ts';
import type { Soaked } from './tensorflow-process.ts';

describe.skipIf(tensorflowMissing)('TensorFlow in processes of its own', () => {
  const workspace = openWorkspace(mkdtempSync(join(tmpdir(), 'filigree-tensorflow-')));
  const tasks = new TaskRunner(new EventBus());
  const store = RunStore.open(workspace.database, {});
  const runs = new RunService(store, workspace);
  afterAll(() => {
    tasks.close();
    store.close();
    rmSync(workspace.root, { recursive: true, force: true });
  });

  const offline = { allowDownload: false };
  const config = {
    model: { id: 'mlp', widths: [8] },
    dataset: 'two-moons',
    method: { id: 'ml-linbreg' },
    training: { epochs: 40, batchSize: 64 },
    engine: { backend: 'tensorflow', threads: 1 },
  };

  test('10 000 steps leave no tensor and no memory behind', async () => {
    const path = fileURLToPath(new URL('./tensorflow-process.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path, '10000'],
      { env: { ...process.env, ...tensorflowEngine.environment!(1) } },
    );
    const { tensors, rssMegabytes } = JSON.parse(stdout) as Soaked;
    expect(new Set(tensors.slice(0, 10)).size).toBe(1);
    expect(tensors.at(-1)).toBe(0);
    // A hundred bytes per step would be a megabyte; the garbage collector's own breathing is more.
    expect(rssMegabytes.at(-1)! - rssMegabytes[1]).toBeLessThan(16);
  }, 120_000);

  test('is listed with its version and what it computes on', async () => {
    const tensorflow = (await listEngines(tasks)).find(({ id }) => id === 'tensorflow')!;
    expect(tensorflow).toMatchObject({ available: true, setUp: { installed: true } });
    expect(tensorflow.detail).toMatch(/^TensorFlow \d+\.\d+\.\d+, (CPU, \d+ threads?|GPU), traced$/);
    expect(tensorflow.versions.TensorFlow).toMatch(/^\d+\.\d+\.\d+$/);
  }, 60_000);

  test('trains at the same time as the native engine, on the same trajectory', async () => {
    const start = async (backend: string) => {
      const { id } = await runs.create({ ...config, engine: { backend, threads: 1 } });
      return { id, run: runs.start(id, offline) };
    };
    const [own, native] = [await start('tensorflow'), await start('native')];
    await vi.waitFor(() => expect([own.run.pid, native.run.pid]).not.toContain(undefined));
    expect(runs.training).toBe(2);
    const results = [await own.run.done, await native.run.done];
    expect(results.map(({ state, reason }) => [state, reason])).toEqual([
      ['finished', undefined],
      ['finished', undefined],
    ]);
    expect(store.getRun(own.id).environment).toMatchObject({
      engineId: 'tensorflow',
      engineVersions: { TensorFlow: expect.any(String) },
    });
    expect(results[0].summary!['test/loss']).toBeCloseTo(results[1].summary!['test/loss'], 4);
  }, 120_000);

  test('a training process that is killed leaves the host alive, and the run resumes to the same bits', async () => {
    const whole = await runs.create(config);
    await runs.start(whole.id, offline).done;
    const broken = await runs.create(config);
    const seen = checkpoints(2);
    const run = runs.start(broken.id, { ...offline, checkpointMs: 20 }, seen);
    await seen.reached;
    run.kill();
    expect(await run.done).toMatchObject({ state: 'failed', reason: expect.stringContaining('SIGKILL') });
    expect((await runs.resume(broken.id, offline).done).state).toBe('finished');
    const [a, b] = [whole, broken].map(({ id }) => finalTensors(workspace.runFolder(id)));
    expect(b).toEqual(a);
  }, 120_000);
});
