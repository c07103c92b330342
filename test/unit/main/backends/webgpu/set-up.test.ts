import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dawnSetUp } from '../../../../../main/backends/webgpu/set-up.ts';

const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
const onUnix = process.platform !== 'win32';
let root: string;
let engines: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'filigree-set-up-'));
  engines = join(root, 'engines');
  mkdirSync(join(root, 'bin'));
  vi.stubEnv('FILIGREE_ENGINES', engines);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** An npm that runs a script in the folder that it is to install into. */
function fakeNpm(script: string): void {
  const npm = join(root, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\n${script}\n`);
  chmodSync(npm, 0o755);
  vi.stubEnv('PATH', [join(root, 'bin'), process.env.PATH].join(delimiter));
}

const install = () => dawnSetUp.install({ onProgress() {} });
const package_ = (platforms: string[]) =>
  platforms
    .map(
      (name) =>
        `mkdir -p node_modules/webgpu/dist/${name} && echo x > node_modules/webgpu/dist/${name}/dawn.node`,
    )
    .join('\n');

describe.runIf(onUnix)('setting up WebGPU for Node', () => {
  test('installs what the lock file pins by hash, for this platform alone, and can be undone', async () => {
    fakeNpm(
      `cp package-lock.json ${root}/lock.json; echo "$@" > ${root}/arguments\n${package_([platform, 'other-os'])}`,
    );
    expect(dawnSetUp.isInstalled()).toBe(false);
    expect(await install()).toMatch(/^WebGPU 0\.6\.2 installed in .*webgpu-0\.6\.2 in \d+ s$/);
    expect(dawnSetUp.isInstalled()).toBe(true);
    expect(readdirSync(join(dawnSetUp.folder(), 'node_modules', 'webgpu', 'dist'))).toEqual([platform]);
    expect(readFileSync(join(root, 'arguments'), 'utf8')).toContain('ci --ignore-scripts');
    const lock = JSON.parse(readFileSync(join(root, 'lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string; integrity?: string }>;
    };
    for (const [name, { integrity }] of Object.entries(lock.packages)) {
      if (name !== '') expect(integrity, name).toMatch(/^sha512-/);
    }
    expect(await install()).toContain('installed already');
    await dawnSetUp.remove();
    expect(readdirSync(engines)).toEqual([]);
  });

  test('leaves nothing behind when npm fails, and tells what it said', async () => {
    fakeNpm('echo "EINTEGRITY sha512 of webgpu" >&2; exit 1');
    await expect(install()).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('EINTEGRITY sha512 of webgpu') as string,
    });
    expect(readdirSync(engines)).toEqual([]);
  });

  test('says so where there is nothing for this computer', async () => {
    fakeNpm(package_(['other-os']));
    await expect(install()).rejects.toMatchObject({
      code: 'no-engine',
      message: `webgpu 0.6.2 has nothing for ${platform}; it has other-os`,
    });
    expect(dawnSetUp.isInstalled()).toBe(false);
  });

  test('says so where there is no npm', async () => {
    vi.stubEnv('PATH', join(root, 'bin'));
    await expect(install()).rejects.toMatchObject({
      code: 'no-npm',
      message: expect.stringContaining('It comes with Node') as string,
    });
  });

  test('clears away what an earlier one left that was cut off', async () => {
    mkdirSync(join(engines, 'webgpu-0.6.2.123.part'), { recursive: true });
    mkdirSync(join(engines, 'tensorflow'));
    fakeNpm(package_([platform]));
    await install();
    expect(readdirSync(engines).sort()).toEqual(['tensorflow', 'webgpu-0.6.2']);
    expect(existsSync(join(engines, 'webgpu-0.6.2.123.part'))).toBe(false);
  });
});
