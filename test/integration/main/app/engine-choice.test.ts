import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { engineChooser } from '../../../../main/app/engine-choice.ts';
import type { JobName } from '../../../../main/app/jobs/index.ts';
import type { StepRequest } from '../../../../main/app/jobs/steps.ts';
import { RunService } from '../../../../main/app/runs.ts';
import type { TaskRunner, JobOptions } from '../../../../main/app/tasks.ts';
import type { ToTrainer } from '../../../../main/training/messages.ts';
import { engineById } from '../../../../main/backends/registry.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import type { EngineDevice } from '../../../../shared/engine-info.ts';
import type { EngineId } from '../../../../shared/run.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';

afterEach(() => void vi.restoreAllMocks());

const cpu: EngineDevice = { name: 'a CPU', kind: 'cpu', notes: [] };
const gpu: EngineDevice = { name: 'a GPU', kind: 'gpu', notes: [] };

interface Machine {
  /** Devices of the engines that work; TensorFlow and WebGPU are installed, whether they work or not. */
  devices: Partial<Record<EngineId, EngineDevice>>;
  /** Milliseconds per step on an engine at a mean density. */
  ms(id: EngineId, density: number): number;
  versions?: string;
}

/** A host on a computer with other engines than this one: what helper processes would find out is made up. */
function machine({ devices, ms, versions = '1' }: Machine, workspace = temporaryWorkspace()) {
  onTestFinished(() => removeWorkspace(workspace));
  const asked: { name: JobName; id: EngineId; environment: object | undefined }[] = [];
  const run = async (name: JobName, input: { id: EngineId } & StepRequest, options?: JobOptions) => {
    const id = name === 'measureSteps' ? input.engine.id : input.id;
    asked.push({ name, id, environment: options?.environment });
    if (name === 'examineEngine') {
      const device = devices[id];
      const found = { detail: `${id} ${versions}`, versions: { library: versions }, maxThreads: 2 };
      return device ? { ...found, available: true, device } : { ...found, available: false };
    }
    const densities = Object.values(input.densities);
    const density = densities.length === 0 ? 1 : densities.reduce((a, b) => a + b) / densities.length;
    const time = ms(id, density);
    if (Number.isNaN(time)) throw new Error('the driver crashed');
    return { runMs: time, denseMs: ms(id, 1), engine: `${id} ${versions}`, threads: 1 };
  };
  const tasks = { run, known: run } as unknown as TaskRunner;
  for (const id of ['tensorflow', 'webgpu'] as const) {
    vi.spyOn(engineById(id).setUp!, 'isInstalled').mockReturnValue(true);
  }
  vi.spyOn(engineById('tensorflow'), 'environment').mockReturnValue({ TF_SETTING: '1' });
  let training = false;
  const choose = engineChooser({ tasks, workspace, isTraining: () => training });
  const options = { signal: new AbortController().signal, onProgress() {} };
  return {
    workspace,
    asked,
    measured: () => asked.filter(({ name }) => name === 'measureSteps').map(({ id }) => id),
    choose: (raw: object) => choose(parseRunConfig(raw), options),
    train: () => void (training = true),
  };
}

const dense = { model: 'resnet20', dataset: 'cifar10', method: 'sgd', training: { batchSize: 64 } };
const sparse = {
  model: 'mlp',
  dataset: 'fashion-mnist',
  method: { id: 'rigl', density: 0.05, distribution: 'uniform' },
};
/** Native kernels skip zeros, a GPU does not but is ten times as fast. */
const withGpu: Machine = {
  devices: { native: cpu, tensorflow: gpu, reference: cpu },
  ms: (id, density) => (id === 'native' ? 10 * density : 1),
};

describe('the engine of a run that leaves it open', () => {
  test('is the fastest for this very run: sparse ones go to the native kernels, dense ones to the GPU', async () => {
    const { choose, asked } = machine(withGpu);
    expect(await choose(sparse)).toEqual({
      id: 'native',
      reason: 'fastest per step of this run: Native sparse CPU kernels 0.500 ms, TensorFlow 1.00 ms',
    });
    expect(await choose(dense)).toMatchObject({ id: 'tensorflow' });
    for (const { id, environment } of asked.filter(({ name }) => name === 'measureSteps')) {
      expect(environment).toEqual(id === 'tensorflow' ? { TF_SETTING: '1' } : {});
    }
  });

  test('is measured once per network, batch, density, device and version', async () => {
    const first = machine(withGpu);
    await first.choose(sparse);
    expect(first.measured()).toEqual(['native', 'tensorflow']);
    expect(existsSync(join(first.workspace.root, 'step-times.json'))).toBe(true);
    const again = machine(withGpu, first.workspace);
    expect(
      await again.choose({ ...sparse, name: 'another', training: { seed: 7, epochs: 3 } }),
    ).toMatchObject({
      id: 'native',
    });
    expect(again.measured()).toEqual([]);
    for (const change of [
      { ...sparse, training: { batchSize: 32 } },
      { ...sparse, method: { ...sparse.method, density: 0.1 } },
      { ...sparse, model: { id: 'mlp', widths: [50] } },
      { ...sparse, engine: { threads: 1 } },
    ]) {
      const other = machine(withGpu, first.workspace);
      await other.choose(change);
      expect(other.measured()).toEqual(['native', 'tensorflow']);
    }
    const newer = machine({ ...withGpu, versions: '2' }, first.workspace);
    await newer.choose(sparse);
    expect(newer.measured()).toEqual(['native', 'tensorflow']);
  });

  test('is never the reference, a GPU that is software, or one that does not work', async () => {
    const slow: Machine = {
      devices: { native: cpu, webgpu: { ...gpu, kind: 'software' }, reference: cpu },
      ms: (id) => (id === 'native' ? 100 : 1),
    };
    const { choose, measured } = machine(slow);
    expect(await choose(dense)).toMatchObject({ id: 'native' });
    expect(measured()).toEqual([]);
  });

  test('is another one where one fails, and says so', async () => {
    const { choose } = machine({ ...withGpu, ms: (id) => (id === 'tensorflow' ? NaN : 5) });
    expect((await choose(dense)).reason).toBe(
      'fastest per step of this run: Native sparse CPU kernels 5.00 ms; TensorFlow failed: the driver crashed',
    );
  });

  test('is found by a rule while another run trains, and nothing is remembered', async () => {
    const { choose, train, workspace } = machine(withGpu);
    train();
    expect(await choose(sparse)).toMatchObject({ id: 'native' });
    const decision = await choose(dense);
    expect(decision.id).toBe('tensorflow');
    expect(decision.reason).toMatch(
      /^by rule, not measured because another run was training: .* at 100 % density$/,
    );
    expect(existsSync(join(workspace.root, 'step-times.json'))).toBe(false);
  });

  test('costs no process where nothing has been installed', async () => {
    const { choose, asked } = machine(withGpu);
    for (const id of ['tensorflow', 'webgpu'] as const) {
      vi.spyOn(engineById(id).setUp!, 'isInstalled').mockReturnValue(false);
    }
    expect(await choose(dense)).toMatchObject({ id: 'auto' });
    expect(asked).toEqual([]);
  });
});

describe('a resumed run', () => {
  /** Training processes are only written down. */
  function service(choose: () => Promise<{ id: EngineId; reason: string }>) {
    const workspace = temporaryWorkspace();
    const store = RunStore.open(workspace.database, {});
    onTestFinished(() => {
      store.close();
      removeWorkspace(workspace);
    });
    const started: { order: ToTrainer; environment: object | undefined; exit(): void }[] = [];
    const runs = new RunService(store, workspace, {
      chooseEngine: choose,
      startWorker: (_kind, { onExit }, { environment } = {}) => ({
        pid: 1,
        send: (order) =>
          void started.push({ order: order as ToTrainer, environment, exit: () => onExit('ended') }),
        kill() {},
        hold() {},
      }),
    });
    return { store, runs, started };
  }

  test('goes on with the engine it began with, whatever would be chosen now', async () => {
    vi.spyOn(engineById('tensorflow'), 'environment').mockReturnValue({ TF_SETTING: '1' });
    const choices = ['tensorflow', 'native'] as const;
    const choose = vi.fn(async () => ({
      id: choices[choose.mock.calls.length - 1],
      reason: 'it was fastest',
    }));
    const { store, runs, started } = service(choose as never);
    const { id } = await runs.create({});
    const first = runs.start(id, { allowDownload: false });
    await vi.waitFor(() => expect(started).toHaveLength(1));
    expect(started[0]).toMatchObject({
      order: { engine: { id: 'tensorflow', reason: 'it was fastest' } },
      environment: { TF_SETTING: '1' },
    });
    store.setProvenance(id, {
      engine: 'TensorFlow 2',
      engineId: 'tensorflow',
      engineReason: 'it was fastest',
    });
    started[0].exit();
    expect((await first.done).state).toBe('failed');
    runs.resume(id, { allowDownload: false });
    await vi.waitFor(() => expect(started).toHaveLength(2));
    expect(started[1]).toMatchObject({
      order: { engine: { id: 'tensorflow', reason: 'it was fastest', begunWith: 'TensorFlow 2' } },
      environment: { TF_SETTING: '1' },
    });
    expect(choose).toHaveBeenCalledTimes(1);
  });

  test('of a version that recorded no engine by name goes on with what it described', async () => {
    const { store, runs, started } = service(async () => ({ id: 'webgpu', reason: '' }));
    for (const [engine, expected] of [
      ['native sparse kernels (AVX2)', 'native'],
      ['TypeScript reference (slow)', 'reference'],
    ]) {
      const { id } = await runs.create({});
      store.setProvenance(id, { engine });
      runs.resume(id, { allowDownload: false });
      await vi.waitFor(() =>
        expect(started.at(-1)).toMatchObject({ order: { engine: { id: expected, begunWith: engine } } }),
      );
    }
  });

  test('that is stopped while its engine is chosen never starts', async () => {
    const { runs, started } = service(() => new Promise((resolve) => setTimeout(resolve, 50)) as never);
    const { id } = await runs.create({});
    const run = runs.start(id, { allowDownload: false });
    expect(runs.training).toBe(1);
    run.stop();
    expect(await run.done).toMatchObject({ state: 'stopped' });
    expect(started).toEqual([]);
    expect(runs.training).toBe(0);
  });
});
