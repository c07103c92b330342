import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  installTensorflow,
  removeTensorflow,
} from '../../../../../../main/backends/tensorflow/setup/install.ts';
import {
  installedTensorflow,
  recordInstallation,
  tensorflowFolder,
} from '../../../../../../main/backends/tensorflow/setup/installation.ts';
import { wheel } from '../../../../../../main/backends/tensorflow/setup/release.ts';

const free = vi.hoisted(() => ({ bytes: undefined as number | undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<object>();
  const statfs = async (path: string) =>
    free.bytes === undefined ? statfsSync(path) : { bavail: free.bytes, bsize: 1 };
  return { ...real, statfs };
});

let home: string;
let engines: string;
let bin: string;
const onProgress = vi.fn();

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'filigree-engines-'));
  engines = join(home, 'engines');
  bin = join(home, 'bin');
  mkdirSync(bin);
  vi.stubEnv('FILIGREE_ENGINES', engines);
  // Nothing answers there, at once.
  vi.stubEnv('TFJS_NODE_BASE_URI', 'http://127.0.0.1:9/libtensorflow-');
});
afterEach(() => {
  free.bytes = undefined;
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** A program that is found instead of the computer's own. */
function fakeProgram(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** A folder as the user names one, with these files. */
function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(home, 'named-'));
  for (const file of files) writeFileSync(join(folder, file), 'not what its name says');
  return folder;
}

const leftovers = () => (existsSync(engines) ? readdirSync(engines) : []);
const install = (options: { from?: string } = {}) => installTensorflow({ ...options, onProgress });

describe('a set-up that cannot be done says why and leaves nothing', () => {
  test.each([
    ['a folder that is not there', () => join(home, 'nowhere'), 'no-folder', /nowhere is not a folder/],
    ['a folder without TensorFlow', () => folderWith('README'), 'no-library', /libtensorflow/],
    [
      'a wheel that somebody changed',
      () => folderWith(wheel.cpu.file),
      'wrong-hash',
      /SHA-256 is [0-9a-f]{64} instead of 2b847d/,
    ],
    [
      'files that are no libraries',
      () => folderWith('libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'),
      'build-failed',
      /did not compile/,
    ],
  ])('%s', async (_, from, code, message) => {
    await expect(install({ from: from() })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(leftovers()).toEqual([]);
  });

  test('no compiler', async () => {
    vi.stubEnv('PATH', bin);
    vi.stubEnv('CXX', '');
    const from = folderWith('libtensorflow_cc.so.2', 'libtensorflow_framework.so.2');
    await expect(install({ from })).rejects.toMatchObject({
      code: 'no-compiler',
      message: expect.stringMatching(/g\+\+|xcode-select/),
    });
    expect(leftovers()).toEqual([]);
  });

  test('no space', async () => {
    free.bytes = 5e8;
    await expect(install()).rejects.toMatchObject({
      code: 'no-space',
      message: expect.stringMatching(/needs 1\.3 GB in .* and 0\.5 GB are free.*FILIGREE_ENGINES/),
    });
    expect(leftovers()).toEqual([]);
  });

  test('no pip, and the other download fails too: both reasons are told', async () => {
    vi.stubEnv('PATH', bin);
    await expect(install()).rejects.toMatchObject({
      code: 'no-pip',
      message: expect.stringMatching(/pip was not found.*; and http:\/\/127\.0\.0\.1:9\/libtensorflow-cpu/),
    });
    expect(leftovers()).toEqual([]);
  });

  test('pip that fails is quoted', async () => {
    fakeProgram(
      'python3',
      'case "$*" in *--version*) exit 0;; esac; echo "no matching distribution" >&2; exit 1',
    );
    vi.stubEnv('PATH', bin);
    await expect(install()).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(/pip could not fetch tensorflow-cpu==.*: no matching distribution/),
    });
  });

  test('a download with another hash is not looked for elsewhere', async () => {
    fakeProgram(
      'python3',
      `case "$*" in *--version*) exit 0;; esac
       while [ "$1" != --dest ]; do shift; done
       echo tampered > "$2/${wheel.cpu.file}"`,
    );
    vi.stubEnv('PATH', bin);
    await expect(install()).rejects.toMatchObject({
      code: 'wrong-hash',
      message: expect.not.stringMatching(/; and /),
    });
    expect(leftovers()).toEqual([]);
  });

  test('another kind of computer', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'arch')!;
    Object.defineProperty(process, 'arch', { ...platform, value: 'riscv64' });
    try {
      await expect(install()).rejects.toMatchObject({
        code: 'wrong-platform',
        message: expect.stringMatching(/is for linux-x64 and this is linux-riscv64; --from FOLDER/),
      });
    } finally {
      Object.defineProperty(process, 'arch', platform);
    }
  });
});

test('a set-up that is killed while it downloads leaves nothing installed, and the next one clears up', async () => {
  fakeProgram('python3', 'case "$*" in *--version*) exit 0;; esac; exec sleep 5');
  const script = `
    import { installTensorflow } from ${JSON.stringify(new URL('../../../../../../main/backends/tensorflow/setup/install.ts', import.meta.url).href)};
    await installTensorflow({ onProgress: ({ text }) => console.log(text) });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((done) => child.stdout.once('data', done));
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
  expect(leftovers()).toEqual([`tensorflow.${child.pid}.part`]);
  expect(installedTensorflow()).toBeUndefined();

  const running = join(engines, `tensorflow.${process.ppid}.part`);
  mkdirSync(running);
  await expect(install({ from: folderWith() })).rejects.toMatchObject({ code: 'no-library' });
  expect(leftovers()).toEqual([`tensorflow.${process.ppid}.part`]);
});

test('removing undoes an installation, and may be done twice', async () => {
  mkdirSync(tensorflowFolder(), { recursive: true });
  writeFileSync(join(tensorflowFolder(), 'library'), 'large');
  expect(installedTensorflow()).toBeUndefined();
  const installation = { version: '2.21.0', gpu: false, source: 'a test', addon: 'addon/x.node' };
  await recordInstallation(tensorflowFolder(), installation);
  expect(installedTensorflow()).toEqual(installation);
  await removeTensorflow();
  expect(leftovers()).toEqual([]);
  await removeTensorflow();
});
