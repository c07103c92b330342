import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { filigreeCommand } from '../../../../scripts/setup.mjs';
import type { RunRow } from '../../../../shared/run-view.ts';
import { startWorkbench, type Workbench } from '../../../support/serve.ts';
import { TestSocket } from '../../../support/socket.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
// Several processes start one after the other, each with a training process.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

let workspace: string;
const started: Workbench[] = [];

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'filigree-serve-'));
});
afterEach(async () => {
  for (const workbench of started.splice(0)) await workbench.close();
  rmSync(workspace, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<Workbench> {
  const workbench = await startWorkbench({ workspace, args });
  started.push(workbench);
  return workbench;
}

const serveAgain = (...args: string[]) =>
  spawnSync(process.execPath, filigreeCommand('serve', '--no-open', '--workspace', workspace, ...args), {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
  });

const longRun = {
  name: 'a long run',
  model: { id: 'mlp' },
  dataset: { id: 'fashion-mnist-mini' },
  method: { id: 'sgd' },
  training: { epochs: 1000 },
};

async function beginTraining(workbench: Workbench): Promise<{ socket: TestSocket; row(): Promise<RunRow> }> {
  const socket = await TestSocket.open(workbench.origin, workbench.token);
  const created = await socket.call('runs.create', { config: longRun });
  expect(created).toMatchObject({ ok: true });
  const row = async () => ((await socket.call('runs.list', {})) as { value: RunRow[] }).value[0];
  await expect.poll(async () => (await row()).step, { timeout: 30_000 }).toBeGreaterThan(20);
  return { socket, row };
}

it('at Ctrl-C lets the run write a checkpoint, says so, and the next start resumes it', async () => {
  const first = await start();
  const { socket } = await beginTraining(first);
  first.process.kill('SIGINT');
  expect(await socket.whenClosed()).toBe(1001);
  await first.close();
  expect(first.process.exitCode).toBe(0);
  expect(first.log()).toMatch(/a long run: running/);
  expect(first.log()).toMatch(/stopping: the run writes a checkpoint \(Ctrl-C again to end at once\)/);
  expect(first.log()).toMatch(/stopped\n$/);

  const second = await start();
  const again = await TestSocket.open(second.origin, second.token);
  const [row] = ((await again.call('runs.list', {})) as { value: RunRow[] }).value;
  expect(row.state).toBe('stopped');
  expect(row.step).toBeGreaterThan(20);
  expect(await again.call('runs.resume', { id: row.id })).toMatchObject({ ok: true });
  await expect
    .poll(async () => ((await again.call('runs.list', {})) as { value: RunRow[] }).value[0].step, {
      timeout: 30_000,
    })
    .toBeGreaterThan(row.step + 20);
  again.close();
});

it('after kill -9 the workspace is free and the run resumable', async () => {
  const first = await start();
  await beginTraining(first);
  const gone = new Promise((resolve) => first.process.once('exit', resolve));
  first.process.kill('SIGKILL');
  await gone;
  const second = await start();
  const socket = await TestSocket.open(second.origin, second.token);
  await expect
    .poll(async () => ((await socket.call('runs.list', {})) as { value: RunRow[] }).value[0].state)
    .toBe('lost');
  expect(second.log()).toMatch(/a long run.*was cut off/);
  socket.close();
});

it('a second one on the same workspace says where the first is', async () => {
  const first = await start();
  const { status, stderr } = serveAgain();
  expect(status).toBe(2);
  expect(stderr).toContain(`is open in a browser window at ${first.origin} (process ${first.process.pid}`);
  expect(stderr).not.toContain(first.token);
});

it('names what is wrong with an address or a port', async () => {
  const first = await start();
  const other = mkdtempSync(join(tmpdir(), 'filigree-serve-'));
  const { port } = new URL(first.origin);
  const inUse = serveAgain('--port', port, '--workspace', other);
  expect(inUse.stderr).toContain(`port ${port} is in use`);
  // It ends by itself, with nothing left open.
  expect(inUse.status).toBe(2);
  expect(serveAgain('--port', 'x').stderr).toContain('--port: "x" is not a whole number');
  expect(serveAgain('--port', '70000').stderr).toContain('--port: 70000 is above 65535');
  expect(serveAgain('--host', '203.0.113.7', '--workspace', other).stderr).toContain('--host 203.0.113.7');
  rmSync(other, { recursive: true });
});

it('on a network address warns, names the tunnel, and answers to allowed names only', async () => {
  const workbench = await start('--host', '0.0.0.0', '--allow-host', 'lab.example');
  const { port } = new URL(workbench.origin);
  await expect.poll(() => workbench.log()).toContain(`ssh -N -L ${port}:127.0.0.1:${port}`);
  expect(workbench.log()).toMatch(/warning: this is plain HTTP/);
  const under = (host: string) => TestSocket.connect(workbench.origin, { headers: { host } });
  expect(await under('evil.example')).toBe(421);
  const socket = await under('lab.example');
  expect(socket).toBeInstanceOf(TestSocket);
  (socket as TestSocket).say({ token: 'wrong' });
  expect(await (socket as TestSocket).whenClosed()).toBe(4401);
});

it('ends at once at the second Ctrl-C', async () => {
  // A process that stops reading signals of its own: the training process is held, so that closing takes long.
  const workbench = await start();
  await beginTraining(workbench);
  const children = spawnSync('pgrep', ['-P', String(workbench.process.pid)], {
    encoding: 'utf8',
  }).stdout.trim();
  for (const pid of children.split('\n')) process.kill(Number(pid), 'SIGSTOP');
  const ended = new Promise<number | null>((resolve) => workbench.process.once('exit', resolve));
  workbench.process.kill('SIGINT');
  await expect.poll(() => workbench.log()).toMatch(/Ctrl-C again/);
  workbench.process.kill('SIGINT');
  expect(await ended).toBe(130);
  for (const pid of children.split('\n')) spawn('kill', ['-9', pid]);
});
