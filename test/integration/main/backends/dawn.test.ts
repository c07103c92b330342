import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { engineChooser } from '../../../../main/app/engine-choice.ts';
import { listEngines } from '../../../../main/app/engines.ts';
import { EventBus } from '../../../../main/app/events.ts';
import { RunService } from '../../../../main/app/runs.ts';
import { TaskRunner } from '../../../../main/app/tasks.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { dawnEnvironment } from '../../../support/dawn.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';
import type { DawnOrder } from './dawn-process.ts';

const environment = await dawnEnvironment();

// WebGPU in processes of Node, on a GPU that SwiftShader imitates: every shader is compiled for a CPU and takes its
// time, so networks are tiny.
describe.skipIf(!environment)('WebGPU in Node', () => {
  beforeAll(() => {
    for (const [name, value] of Object.entries(environment!)) vi.stubEnv(name, value);
  });
  afterAll(() => void vi.unstubAllEnvs());

  function ask<T>(order: DawnOrder): Promise<T> {
    const child = fork(fileURLToPath(new URL('./dawn-process.ts', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.send(order);
    return new Promise<T>((resolve, reject) => {
      child.once('message', (answer) => {
        resolve(answer as T);
        child.kill('SIGKILL');
      });
      child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
    });
  }

  test('agrees with the reference over every operation, with Adam and with Bregman updates', async () => {
    const deviations = await ask<Record<string, number>>('compare');
    expect(Object.keys(deviations).length).toBeGreaterThan(50);
    for (const [what, deviation] of Object.entries(deviations)) {
      expect(deviation, what).toBeLessThanOrEqual(1e-5);
    }
  }, 120_000);

  test('a device that is lost in the middle of a run ends it as failed, with its last checkpoint', async () => {
    const { outcome, events, checkpoint } = await ask<{
      outcome: { state: string; reason: string };
      events: string[];
      checkpoint: boolean;
    }>('lose');
    expect(outcome).toMatchObject({ state: 'failed' });
    expect(outcome.reason).toMatch(/^The GPU that this run computes on was lost: .*destroyed/);
    expect(events).toEqual(['device-lost']);
    expect(checkpoint).toBe(true);
  }, 120_000);

  describe('in the product', () => {
    const workspace = temporaryWorkspace();
    const tasks = new TaskRunner(new EventBus());
    const store = RunStore.open(workspace.database, {});
    afterAll(() => {
      tasks.close();
      store.close();
      removeWorkspace(workspace);
    });

    test('is listed with its adapter and limits, named as software, and never chosen by itself', async () => {
      const webgpu = (await listEngines(tasks)).find(({ id }) => id === 'webgpu')!;
      expect(webgpu).toMatchObject({ available: true, setUp: { installed: true } });
      expect(webgpu.device).toMatchObject({ kind: 'software' });
      expect(webgpu.device!.name).toMatch(/swiftshader/i);
      expect(webgpu.device!.notes.join()).toMatch(/^vendor google swiftshader,largest buffer .* GiB$/);
      expect(webgpu.detail).toContain('(software: slow)');
      const choose = engineChooser({ tasks, workspace, isTraining: () => false });
      const options = { signal: new AbortController().signal, onProgress() {} };
      expect((await choose(parseRunConfig({}), options)).id).not.toBe('webgpu');
    }, 60_000);

    test('trains at the same time as the native engine, each in a process of its own', async () => {
      const runs = new RunService(store, workspace);
      const config = {
        model: { id: 'mlp', widths: [8] },
        dataset: 'two-moons',
        method: { id: 'ml-linbreg' },
        training: { epochs: 1, batchSize: 256 },
      };
      const start = async (backend: string) => {
        const { id } = await runs.create({ ...config, engine: { backend } });
        return { id, run: runs.start(id, { allowDownload: false }) };
      };
      const [gpu, cpu] = [await start('webgpu'), await start('native')];
      await vi.waitFor(() => expect([gpu.run.pid, cpu.run.pid]).not.toContain(undefined));
      expect(gpu.run.pid).not.toBe(cpu.run.pid);
      expect(runs.training).toBe(2);
      const results = [await gpu.run.done, await cpu.run.done];
      expect(results.map(({ state, reason }) => [state, reason])).toEqual([
        ['finished', undefined],
        ['finished', undefined],
      ]);
      expect(store.getRun(gpu.id).environment).toMatchObject({
        engineId: 'webgpu',
        engineReason: 'named in the config',
        engineVersions: { 'TensorFlow.js': '4.22.0', 'Dawn (webgpu)': '0.6.2' },
        device: expect.stringMatching(/swiftshader/i) as string,
      });
      expect(store.getRun(cpu.id).environment).toMatchObject({ engineId: 'native' });
      // The same trajectory, to float32 rounding.
      expect(results[0].summary!['test/loss']).toBeCloseTo(results[1].summary!['test/loss'], 4);
    }, 120_000);
  });
});
