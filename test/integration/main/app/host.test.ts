import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunState } from '../../../../shared/run-state.ts';
import type { Queue, RunRow } from '../../../../shared/run-view.ts';
import { decodeSafetensors } from '../../../../shared/safetensors.ts';
import type { Workspace } from '../../../../main/app/workspace.ts';
import { openTestHost, removeWorkspace, temporaryWorkspace, type TestHost } from '../../../support/host.ts';

let workspace: Workspace;
let host: TestHost;
beforeEach(() => {
  workspace = temporaryWorkspace();
  host = openTestHost(workspace);
});
afterEach(async () => {
  await host.close();
  removeWorkspace(workspace);
});

const short = {
  model: { id: 'mlp', widths: [32] },
  dataset: { id: 'fashion-mnist-mini' },
  method: { id: 'rigl', density: 0.2, updateInterval: 50 },
  training: { epochs: 2, batchSize: 100 },
  engine: { threads: 1 },
};
/** Trains until it is told to stop. */
const endless = { ...short, training: { epochs: 5000, batchSize: 100 } };

const create = async (config: object) => (await host.call('runs.create', { config: { ...config } })).id;
const rowOf = async (id: string) => (await host.call('runs.get', { id })).row;
const code = (code: string) => expect.objectContaining({ code });

function reaches(id: string, state: RunState, also: (row: RunRow) => boolean = () => true): Promise<unknown> {
  return host.when('runs.changed', ({ rows }) => {
    return rows.some((row) => row.id === id && row.state === state && also(row));
  });
}

/** How often two runs were active at once, and other sizes of the queue. */
const queues = () =>
  host.seen.filter(({ event }) => event === 'queue.changed').map(({ payload }) => payload as Queue);

describe('queue', () => {
  it('trains one after the other in the wanted order; a cancelled run does not start', async () => {
    const [a, b, c, d] = [
      await create(endless),
      await create(short),
      await create(short),
      await create(short),
    ];
    await host.call('queue.reorder', { ids: [d, c, b] });
    await host.call('queue.remove', { id: c });
    expect(await host.call('queue.get', {})).toEqual({ slots: 1, active: [a], waiting: [d, b] });
    await reaches(a, 'running');
    await host.call('runs.stop', { id: a });
    await Promise.all([reaches(a, 'stopped'), reaches(d, 'finished'), reaches(b, 'finished')]);
    const rows = await Promise.all([a, b, c, d].map(rowOf));
    expect(rows.map((row) => row.state)).toEqual(['stopped', 'finished', 'stopped', 'finished']);
    expect(rows[3].startedMs).toBeLessThan(rows[1].startedMs!);
    expect(rows[2]).toMatchObject({ startedMs: undefined, step: 0 });
    expect(rows[1]).toMatchObject({ step: 200, totalSteps: 200 });
    expect(rows[1].metrics['test/accuracy'].last).toBeGreaterThan(0.5);
    expect(Math.max(...queues().map(({ active }) => active.length))).toBe(1);
    await expect(host.call('queue.remove', { id: c })).rejects.toThrow(code('not-queued'));
    await expect(host.call('runs.resume', { id: b })).rejects.toThrow(code('not-resumable'));
  });

  it('trains as many at once as there are slots, and more as soon as there are more', async () => {
    const ids = [await create(endless), await create(endless), await create(endless)];
    expect((await host.call('queue.get', {})).active).toEqual(ids.slice(0, 1));
    await host.call('settings.change', { slots: 2 });
    await Promise.all(ids.slice(0, 2).map((id) => reaches(id, 'running')));
    expect(await host.call('queue.get', {})).toEqual({
      slots: 2,
      active: ids.slice(0, 2),
      waiting: [ids[2]],
    });
    await host.call('runs.kill', { id: ids[0] });
    await reaches(ids[0], 'failed');
    await reaches(ids[2], 'running');
    // Closing stops what trains, with a checkpoint each.
    await host.close();
    host = openTestHost(workspace);
    for (const id of ids.slice(1)) {
      const { row, checkpoints } = await host.call('runs.get', { id });
      expect(row.state).toBe('stopped');
      expect(checkpoints[0]).toMatchObject({ step: row.step, available: true });
    }
    expect((await host.call('queue.get', {})).waiting).toEqual([]);
  });

  it('pauses, continues, checkpoints and resumes; says what cannot be done', async () => {
    const id = await create(endless);
    await host.call('live.watch', { ids: [id] });
    await reaches(id, 'running', (row) => row.step > 0);
    await host.call('runs.pause', { id });
    await reaches(id, 'paused');
    await expect(host.call('runs.checkpoint', { id })).rejects.toThrow(code('not-running'));
    const { step } = await rowOf(id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await rowOf(id)).step).toBe(step);
    await host.call('runs.continue', { id });
    await reaches(id, 'running', (row) => row.step > step);
    await host.call('runs.checkpoint', { id });
    await expect(host.call('runs.delete', { ids: [id] })).rejects.toThrow(code('run-is-live'));
    await host.call('runs.stop', { id });
    await reaches(id, 'stopped');
    await expect(host.call('runs.pause', { id })).rejects.toThrow(code('not-running'));
    const stopped = (await rowOf(id)).step;
    await host.call('runs.resume', { id });
    await host.when('run.truncated', (payload) => payload.runId === id && payload.step === stopped);
    await reaches(id, 'running', (row) => row.step > stopped);
    const frames = host.seen.filter(({ event }) => event === 'run.frame').map(({ payload }) => payload);
    expect(frames).toContainEqual({ runId: id, frame: expect.objectContaining({ type: 'scalars' }) });
    // Masks are announced without their bytes.
    expect(frames).toContainEqual({
      runId: id,
      frame: {
        type: 'topology',
        step: 0,
        layers: expect.arrayContaining([{ name: 'fc1.weight', nnz: expect.any(Number) }]),
      },
    });
  });

  it.runIf(process.platform === 'linux')('trains below the priority of the window', async () => {
    const groups = existsSync('/proc/self/autogroup');
    const session = () => (groups ? readFileSync('/proc/self/autogroup', 'utf8') : '');
    const before = session();
    const id = await create(endless);
    await reaches(id, 'running');
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    const below = constants.priority.PRIORITY_BELOW_NORMAL;
    const trainer = children.find((pid) => getPriority(Number(pid)) === getPriority() + below);
    expect(trainer).toBeDefined();
    // Kernels that share the processors between sessions first look at the session's priority, not at ours.
    if (!groups) console.warn('not checked: this kernel has no autogroups, so nothing tells a session apart');
    else {
      expect(readFileSync(`/proc/${trainer}/autogroup`, 'utf8')).toContain(`nice ${below}`);
      // Empty where nothing has put this process in a session, as in some containers.
      expect(session()).toBe(before);
    }
    await host.call('runs.stop', { id });
    await reaches(id, 'stopped');
  });

  it('goes on with waiting runs after a restart, and a run whose host was killed is lost and resumable', async () => {
    const file = fileURLToPath(new URL('host-process.ts', import.meta.url));
    const first = await create(endless);
    const second = await create({ ...short, training: { epochs: 40, batchSize: 100 } });
    await reaches(first, 'running');
    await host.close();
    // Closed while one trained and one waited: the first has stopped, the second waits for the next host.
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, workspace.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let training = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        training = data.toString();
        if (training.includes(`training ${second}`)) resolve();
      });
    });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    host = openTestHost(workspace);
    expect(host.warnings).toEqual([expect.stringContaining('was cut off')]);
    expect(await rowOf(second)).toMatchObject({
      state: 'lost',
      reason: expect.stringContaining('went away'),
    });
    expect((await rowOf(first)).state).toBe('stopped');
    // The training process notices that its host is gone, checkpoints and ends by itself.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await host.call('runs.resume', { id: second });
    await reaches(second, 'finished');
    const { steps } = host.store.readSeries(second, 'train/loss');
    // 4 000 steps, a point for every three of them, none missing and none twice.
    expect([...steps]).toEqual(Array.from({ length: 1333 }, (_, i) => 3 * i + 2));
  });

  it('shows a run of the command line as it goes, and does not touch it', async () => {
    const cli = fileURLToPath(new URL('../../../../main/cli/index.ts', import.meta.url));
    const flags = ['train', '--workspace', workspace.root, '--quiet', '--widths', '32', '--epochs', '5000'];
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...flags], {
      stdio: 'ignore',
    });
    const { rows } = await host.when('runs.changed', ({ rows }) =>
      rows.some((row) => row.state === 'running'),
    );
    const { id } = rows.find((row) => row.state === 'running')!;
    await reaches(id, 'running', (row) => row.step > 0);
    for (const call of ['runs.pause', 'runs.stop', 'runs.kill', 'runs.checkpoint'] as const) {
      await expect(host.call(call, { id })).rejects.toThrow(code('other-process'));
    }
    expect((await host.call('queue.get', {})).active).toEqual([]);
    child.kill('SIGKILL');
    await reaches(id, 'lost');
  });
});

describe('trash', () => {
  it('hides runs, brings them back, and deletes them with their folders', async () => {
    const [a, b] = [await create(short), await create(short)];
    await reaches(b, 'finished');
    await host.call('runs.delete', { ids: [a, b] });
    await host.when('runs.changed', ({ removed }) => removed.includes(a));
    expect(await host.call('runs.list', {})).toEqual([]);
    await host.call('runs.restore', { ids: [b] });
    expect((await host.call('runs.list', {})).map((row) => row.id)).toEqual([b]);
    const freed = await host.call('storage.cleanUp', { kinds: ['trash'], dryRun: false });
    expect(freed.bytes).toBeGreaterThan(10_000);
    const folder = (id: string) => join(workspace.root, 'runs', id);
    expect([existsSync(folder(a)), existsSync(folder(b))]).toEqual([false, true]);
    await expect(host.call('runs.get', { id: a })).rejects.toThrow(code('unknown-run'));
  });
});

/** Weights and masks of the newest checkpoint, without wall-clock times. */
function finalTensors(id: string): Record<string, string> {
  const folder = workspace.runFolder(id);
  const newest = readdirSync(folder)
    .filter((name) => name.startsWith('checkpoint-'))
    .sort()
    .at(-1)!;
  const { tensors } = decodeSafetensors(readFileSync(join(folder, newest)));
  return Object.fromEntries(
    tensors.map(({ name, data }) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
}

describe('a run from a checkpoint of another', () => {
  it.each([
    ['the same method', short.method],
    ['linearised Bregman iterations', { id: 'linbreg', lambda: 0.02 }],
    ['a static mask', { id: 'static', density: 0.2 }],
  ])('goes on from its accuracy with %s, twice the same', async (_, method) => {
    const parent = await create(short);
    await reaches(parent, 'finished');
    const config = { ...short, method, training: { epochs: 1, batchSize: 100 } };
    const fork = { config: { ...config }, parentRunId: parent, fromStep: 200 };
    const [a, b] = [await host.call('runs.create', fork), await host.call('runs.create', fork)];
    await Promise.all([reaches(a.id, 'finished'), reaches(b.id, 'finished')]);
    expect(finalTensors(a.id)).toEqual(finalTensors(b.id));
    const [before, after] = [await rowOf(parent), await rowOf(a.id)];
    expect(after).toMatchObject({ parentRunId: parent, forkStep: 200 });
    expect(after.settings).toMatchObject({ 'start.run': parent, 'start.step': 200 });
    const fresh = await create(config);
    await reaches(fresh, 'finished');
    const accuracy = (row: RunRow) => row.metrics['test/accuracy'].last;
    expect(accuracy(after)).toBeGreaterThan(accuracy(await rowOf(fresh)));
    expect(accuracy(after)).toBeGreaterThan(accuracy(before) - 0.03);
    expect((await host.call('runs.get', { id: parent })).children).toEqual([a.id, b.id]);
  });

  it('stays whole without its parent: it is copied and resumed from its own file', async () => {
    const parent = await create(short);
    await reaches(parent, 'finished');
    const config = { ...endless };
    const { id } = await host.call('runs.create', { config, parentRunId: parent, fromStep: 200 });
    await reaches(id, 'running');
    await host.call('runs.delete', { ids: [parent] });
    await host.call('storage.cleanUp', { kinds: ['trash'], dryRun: false });
    await host.call('runs.kill', { id });
    await reaches(id, 'failed');
    // Even without a checkpoint of its own.
    for (const name of readdirSync(workspace.runFolder(id))) {
      if (name.startsWith('checkpoint-')) rmSync(join(workspace.runFolder(id), name));
    }
    const copied = { ...(await host.call('runs.get', { id })).config, training: short.training };
    const copy = await host.call('runs.create', { config: copied, parentRunId: id });
    await reaches(copy.id, 'finished');
    await host.call('runs.resume', { id });
    await host.when('run.truncated', (payload) => payload.runId === id && payload.step === 0);
    await reaches(id, 'running', (row) => row.step > 0);
    await expect(host.call('runs.create', { config: { ...copied }, parentRunId: parent })).rejects.toThrow(
      code('unknown-run'),
    );
  });

  it('names the layer that does not fit, and the steps there are', async () => {
    const parent = await create(short);
    await reaches(parent, 'finished');
    const wider = { ...short, model: { id: 'mlp', widths: [48] } };
    const { id } = await host.call('runs.create', { config: wider, parentRunId: parent, fromStep: 200 });
    await reaches(id, 'failed');
    expect((await rowOf(id)).reason).toMatch(/fc1\.weight has shape 48×784 but 32×784 in the checkpoint/);
    await expect(
      host.call('runs.create', { config: { ...short }, parentRunId: parent, fromStep: 7 }),
    ).rejects.toThrow(/no checkpoint of step 7; it has those of steps 200/);
    await expect(host.call('runs.create', { config: { ...short }, fromStep: 7 })).rejects.toThrow(
      expect.objectContaining({ field: 'fromStep' }),
    );
  });
});

describe('baselines and honest numbers', () => {
  it('a random mask of equal density, dense training of equal FLOPs, and both beside the run', async () => {
    const epochs = 10;
    const id = await create({ ...short, training: { epochs, batchSize: 100 } });
    await expect(host.call('runs.createBaseline', { id, kind: 'random-mask' })).rejects.toThrow(
      code('no-summary'),
    );
    await reaches(id, 'finished');
    const random = await host.call('runs.createBaseline', { id, kind: 'random-mask' });
    const dense = await host.call('runs.createBaseline', { id, kind: 'dense-equal-flops' });
    await Promise.all([reaches(random.id, 'finished'), reaches(dense.id, 'finished')]);
    const [run, mask, plain] = await Promise.all(
      [id, random.id, dense.id].map((id) => host.call('runs.get', { id })),
    );
    expect(mask.config).toMatchObject({ method: { id: 'static' }, training: run.config.training });
    expect(mask.summary!.values.nonzeros).toBe(run.summary!.values.nonzeros);
    expect(plain.config.method).toMatchObject({
      id: 'sgd',
      values: { learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
    });
    const perEpoch = plain.summary!.values['flops/train'] / plain.config.training.epochs;
    const difference = plain.summary!.values['flops/train'] - run.summary!.values['flops/train'];
    expect(Math.abs(difference)).toBeLessThanOrEqual(perEpoch / 2);
    expect([mask.row.parentRunId, plain.row.parentRunId]).toEqual([id, id]);

    const numbers = await host.call('runs.honestNumbers', { id });
    expect(numbers.flops.dense).toBeCloseTo(perEpoch * epochs, -3);
    expect(numbers.flops.run).toBe(run.summary!.values['flops/train']);
    expect(numbers.time).toEqual({
      run: run.summary!.values['time/stepMs'],
      dense: plain.summary!.values['time/stepMs'],
      denseSource: `run “${plain.row.name}”`,
    });
    const [fc1, fc2] = run.summary!.layers;
    // Compressed rows for the large layer; the small one is smaller as a dense matrix.
    expect(8 * fc2.nnz + 4 * 11).toBeGreaterThan(4 * 320);
    expect(numbers.bytes).toEqual({ run: 8 * fc1.nnz + 4 * 33 + 4 * 320, dense: 4 * (32 * 784 + 320) });
    await expect(host.call('runs.createBaseline', { id: dense.id, kind: 'random-mask' })).rejects.toThrow(
      code('not-sparse'),
    );
    const waiting = host.store.createRun({ config: run.config, configHash: 'x', seed: 0, environment: {} });
    await expect(host.call('runs.honestNumbers', { id: waiting })).rejects.toThrow(code('not-started'));
  });

  it('measures dense training where no run tells it', async () => {
    const id = await create(short);
    await reaches(id, 'finished');
    const { time } = await host.call('runs.honestNumbers', { id });
    expect(time).toMatchObject({ denseSource: 'measured on this machine' });
    expect(time!.dense).toBeGreaterThan(0);
  });
});
