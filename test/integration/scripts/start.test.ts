import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureElectron, findElectron, whyNoWindow } from '../../../scripts/electron-binary.mjs';
import { noEngines } from '../../support/no-engines.ts';

vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filigree-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `npm start` without npm, until it wrote what is waited for or ended. */
function npmStart(args: string[], env: NodeJS.ProcessEnv, until: RegExp) {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'start', ...args], {
    cwd: root,
    env: {
      ...process.env,
      ...noEngines,
      FILIGREE_HOME: join(folder, 'workspace'),
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  return new Promise<{ output: string; code: number | null }>((resolve) => {
    const collect = (text: Buffer) => {
      output += text.toString();
      if (until.test(output)) child.kill('SIGTERM');
    };
    child.stdout!.on('data', collect);
    child.stderr!.on('data', collect);
    child.on('exit', (code) => resolve({ output, code }));
  });
}

/** A program in place of Electron that writes down how it was called. */
function fakeElectron(script: string): string {
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  writeFileSync(join(dist, 'electron'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dist, 'electron'), 0o755);
  return dist;
}

describe('npm start', () => {
  it('serves in the browser where there is no display, and says why in one line', async () => {
    const { output } = await npmStart([], {}, /#token=/);
    expect(output).toContain(
      'serving in the browser instead of a desktop window: there is no display here.\n',
    );
    expect(output).toMatch(/Filigree \S+ is at http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}/);
  });

  it('serves without a word where the browser was asked for', async () => {
    const { output } = await npmStart(['--shell=browser'], {}, /#token=/);
    expect(output).not.toContain('instead of');
  });

  it('does not open another shell than the one that was asked for', async () => {
    const { output, code } = await npmStart(['--shell=electron'], {}, /#token=/);
    expect(output).toContain('no desktop window: there is no display here');
    expect(code).toBe(1);
    expect((await npmStart(['--shell=phone'], {}, /#token=/)).output).toContain(
      '--shell=electron or --shell=browser',
    );
  });

  // Root cannot open a desktop window, so these two need another user.
  it.skipIf(process.getuid?.() === 0 || process.platform !== 'linux')(
    'opens Electron where it and a display are there, with the workspace',
    async () => {
      const dist = fakeElectron(`echo "$@" > ${folder}/called`);
      const env = { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: dist };
      const { code } = await npmStart(['--workspace', folder], env, /#token=/);
      expect(code).toBe(0);
      expect(readFileSync(join(folder, 'called'), 'utf8')).toContain(`--workspace ${folder}`);
    },
  );
});

describe('what decides', () => {
  const linux = (env: NodeJS.ProcessEnv, uid = 1000) =>
    whyNoWindow({ env, platform: 'linux', getuid: () => uid });

  it('is a display, and a user for whom the sandbox works', () => {
    expect(linux({})).toMatch(/no display/);
    expect(linux({ DISPLAY: ':0' })).toBeUndefined();
    expect(linux({ WAYLAND_DISPLAY: 'wayland-0' })).toBeUndefined();
    expect(linux({ DISPLAY: ':0' }, 0)).toMatch(/root/);
    expect(whyNoWindow({ env: {}, platform: 'win32' })).toBeUndefined();
    expect(whyNoWindow({ env: { SSH_CONNECTION: 'x' }, platform: 'darwin' })).toMatch(/SSH/);
  });

  it.skipIf(process.platform !== 'linux')('is the binary, found by looking at files', () => {
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toBeUndefined();
    const dist = fakeElectron('exit 0');
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: dist })).toBe(join(dist, 'electron'));
  });

  it.skipIf(findElectron() !== undefined)('waits four seconds for a silent mirror, once a day', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const mirror = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const memory = join(folder, 'memory');
    const asked = async (retry: boolean) => {
      const started = performance.now();
      const { reason } = (await ensureElectron({ mirror, memory, retry })) as { reason: string };
      expect(reason).toBe('the Electron binary is not installed and its download site cannot be reached');
      return performance.now() - started;
    };
    try {
      const first = await asked(false);
      expect(first).toBeGreaterThan(3900);
      expect(first).toBeLessThan(8000);
      expect(await asked(false)).toBeLessThan(500);
      expect(await asked(true)).toBeGreaterThan(3900);
      const { atMs, ...rest } = JSON.parse(readFileSync(memory, 'utf8')) as { atMs: number };
      writeFileSync(memory, JSON.stringify({ ...rest, atMs: atMs - 25 * 3600_000 }));
      expect(await asked(false)).toBeGreaterThan(3900);
    } finally {
      silent.close();
    }
  });
});
