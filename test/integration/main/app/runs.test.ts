import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunService } from '../../../../main/app/runs.ts';
import { openWorkspace, type Workspace } from '../../../../main/app/workspace.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { checkpoints, finalTensors as tensorsAt } from '../../../support/checkpoints.ts';

let workspace: Workspace;
let store: RunStore;
let service: RunService;

beforeEach(() => {
  workspace = openWorkspace(mkdtempSync(join(tmpdir(), 'filigree-runs-')));
  store = RunStore.open(workspace.database);
  service = new RunService(store, workspace);
});
afterEach(() => {
  store.close();
  rmSync(workspace.root, { recursive: true, force: true });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount)
  console.warn('The full-disk test is skipped: it mounts a small file system, which needs root on Linux.');

const offline = { allowDownload: false };

/** About two seconds of training, with a checkpoint every 100 ms. */
const config = {
  model: { id: 'mlp', widths: [64, 32] },
  dataset: { id: 'fashion-mnist-mini' },
  method: { id: 'ml-linbreg', coarseSteps: 19 },
  training: { epochs: 12, batchSize: 100 },
};

const finalTensors = (id: string) => tensorsAt(workspace.runFolder(id));

describe('RunService', () => {
  it('trains in a process of its own and stores curves, masks, summary and provenance', async () => {
    const { id } = await service.create(config);
    const result = await service.start(id, offline).done;
    expect(result).toMatchObject({ state: 'finished', id });
    expect(store.getRun(id)).toMatchObject({ state: 'finished' });
    expect(store.getRun(id).environment).toMatchObject({
      datasetOrigin: expect.any(String),
      totalSteps: 1200,
    });
    const loss = store.readSeries(id, 'train/loss');
    expect(loss.values.length).toBeGreaterThan(1000);
    expect(loss.values.at(-1)).toBeLessThan(loss.values[0]);
    expect(store.readSummary(id)!.values['test/accuracy']).toBe(result.summary!['test/accuracy']);
    expect(result.summary!['test/accuracy']).toBeGreaterThan(0.7);
  });

  it('resumes bit-identically after SIGKILL of the training process, at several moments', async () => {
    const whole = await service.create(config);
    await service.start(whole.id, offline).done;
    const broken = await service.create(config);
    const often = { ...offline, checkpointMs: 50 };
    for (const [attempt, wanted] of [3, 2, 4].entries()) {
      const seen = checkpoints(wanted);
      const run =
        attempt === 0 ? service.start(broken.id, often, seen) : service.resume(broken.id, often, seen);
      await seen.reached;
      run.kill();
      expect(await run.done).toMatchObject({ state: 'failed', reason: expect.stringContaining('SIGKILL') });
    }
    const result = await service.resume(broken.id, offline).done;
    expect(result.state).toBe('finished');
    expect(finalTensors(broken.id)).toEqual(finalTensors(whole.id));
    // The stored curves have every step once, with the values of the uninterrupted run.
    const [a, b] = [whole.id, broken.id].map((id) => store.readSeries(id, 'train/loss'));
    expect(b.steps).toEqual(a.steps);
    expect(b.values).toEqual(a.values);
    expect(store.readSeries(broken.id, 'density').values).toEqual(
      store.readSeries(whole.id, 'density').values,
    );
  });

  it('loses nothing when the host is killed: the run becomes lost and can be resumed', async () => {
    store.close();
    const host = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        fileURLToPath(new URL('../../../../main/cli/index.ts', import.meta.url)),
        'train',
        '--json',
        '--workspace',
        workspace.root,
        '--widths',
        '64,32',
        '--epochs',
        '60',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve) => {
      host.stdout.on('data', (data: Buffer) => data.toString().includes('"scalars"') && resolve());
    });
    host.kill('SIGKILL');
    await new Promise((resolve) => host.on('exit', resolve));
    store = RunStore.open(workspace.database);
    service = new RunService(store, workspace);
    const [lost] = store.markOrphans();
    expect(store.getRun(lost).state).toBe('lost');
    // The training process notices that its host is gone, checkpoints and ends by itself.
    await delay(1500);
    const result = await service.resume(lost, offline).done;
    expect(result.state).toBe('finished');
    const { steps } = store.readSeries(lost, 'train/loss');
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('stops with a checkpoint and continues from there', async () => {
    const { id } = await service.create({ ...config, training: { epochs: 200, batchSize: 100 } });
    const run = service.start(id, offline, { onPrepared: () => setTimeout(() => run.stop(), 400) });
    const result = await run.done;
    expect(result.state).toBe('stopped');
    expect(result.step).toBeGreaterThan(0);
    expect(store.getRun(id).state).toBe('stopped');
  });

  it.each([0, 150, 300])(
    'stops cleanly %i ms after the start, before or after it is prepared',
    async (ms) => {
      const { id } = await service.create({ ...config, training: { epochs: 2000, batchSize: 100 } });
      const run = service.start(id, offline);
      await delay(ms);
      run.stop();
      expect(await run.done).toMatchObject({ state: 'stopped', reason: undefined });
      expect(store.getRun(id).state).toBe('stopped');
    },
  );

  it('starts over when it is resumed before its first checkpoint', async () => {
    const { id } = await service.create({ ...config, training: { epochs: 1, batchSize: 100 } });
    const run = service.start(id, offline);
    run.kill();
    await run.done;
    expect((await service.resume(id, offline).done).state).toBe('finished');
    expect(store.readSeries(id, 'train/loss').steps.length).toBe(100);
  });

  it.skipIf(!canMount)(
    'survives a full disk: ends as failed, keeps its checkpoint, continues once there is room',
    async () => {
      const mounted = mkdtempSync(join(tmpdir(), 'filigree-small-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=9m', 'tmpfs', mounted]);
      const small = openWorkspace(mounted);
      const smallStore = RunStore.open(small.database);
      try {
        const smallService = new RunService(smallStore, small);
        const wide = { ...config, model: { id: 'mlp', widths: [300, 100] } };
        const { id } = await smallService.create(wide);
        const result = await smallService.start(id, { ...offline, checkpointMs: 100 }).done;
        expect(result).toMatchObject({
          state: 'failed',
          reason: expect.stringMatching(/no space left|disk is full/i),
        });
        expect(smallStore.integrityCheck()).toEqual([]);
        execFileSync('mount', ['-o', 'remount,size=64m', mounted]);
        const resumed = await smallService.resume(id, offline).done;
        expect(resumed.state).toBe('finished');
        const { steps } = smallStore.readSeries(id, 'train/loss');
        expect(steps.length).toBe(1200);
      } finally {
        smallStore.close();
        execFileSync('umount', [mounted]);
        rmSync(mounted, { recursive: true });
      }
    },
  );

  it('ends as failed, with the reason, when the data cannot be found', async () => {
    const { id } = await service.create({ ...config, dataset: { id: 'kmnist' } });
    const result = await service.start(id, offline).done;
    expect(result).toMatchObject({ state: 'failed', reason: expect.stringContaining('kmnist') });
    expect(store.getRun(id)).toMatchObject({ state: 'failed' });
  });

  it.each([
    [{ method: { id: 'ml-linbreg', lambda: -1 } }, 'method.lambda: -1'],
    [{ method: { id: 'static', density: 0 } }, 'method.density: 0'],
    [{ model: { id: 'mlp', widths: [0] } }, 'model.widths: [0]'],
    [{ method: { id: 'ml-linbreg', lambda: NaN } }, 'method.lambda: NaN'],
    [{ method: { id: 'nonsense' } }, 'method.id: "nonsense"'],
    [{ colour: 'red' }, 'colour: unknown setting'],
    [{ training: { epoch: 3 } }, 'training.epoch: unknown setting'],
    [{ version: 2 }, 'version: 2'],
    [[], 'config: [] is not an object'],
  ])('refuses the config %j and stores nothing', async (raw, message) => {
    await expect(service.create(raw)).rejects.toThrow(message);
    expect(store.listRuns({})).toEqual([]);
  });
});

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
