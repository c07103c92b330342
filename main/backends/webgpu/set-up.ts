import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { EngineSetUp } from '../engine.ts';
import { enginesFolder } from '../engines-folder.ts';

/**
 * The versions that are installed, as npm's lock file: npm refuses a package whose content has another hash.
 * `webgpu` is Dawn with bindings for Node.
 */
const version = '0.6.2';
const lock = {
  name: 'filigree-webgpu',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { name: 'filigree-webgpu', dependencies: { webgpu: version } },
    'node_modules/webgpu': {
      version,
      integrity:
        'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==',
      dependencies: { '@webgpu/types': '^0.1.72', debug: '^4.4.0' },
    },
    'node_modules/@webgpu/types': {
      version: '0.1.74',
      integrity:
        'sha512-lgiI4hbuLcI9unnm2cL/tvCaQU45dp0xcLWJh5uB/9MBGvIA4F8XIk7nSiBeg+K4xWGYwgZKn80LmERI5CxoTA==',
    },
    'node_modules/debug': {
      version: '4.4.3',
      integrity:
        'sha512-RGwwWnwQvkVfavKVt22FGLw+xYSdzARwm0ru6DhTVA3umU5hZc28V3kO4stgYryrTlLpuvgI9GiijltAjNbcqA==',
      dependencies: { ms: '^2.1.3' },
    },
    'node_modules/ms': {
      version: '2.1.3',
      integrity:
        'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
    },
  },
};

const home = () => join(enginesFolder(), `webgpu-${version}`);
/** Of the installed package. */
export const dawnFolder = () => join(home(), 'node_modules', 'webgpu');
const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;

/** Dawn for Node, through npm into the folder of engines: nothing of it touches the project. */
export const dawnSetUp: EngineSetUp = {
  command: 'npm run setup:webgpu',
  size: '51 MB to download, 22 MB on disk',
  folder: home,
  isInstalled: () => existsSync(join(dawnFolder(), 'dist', platform, 'dawn.node')),

  async install({ onProgress }) {
    if (dawnSetUp.isInstalled()) return `WebGPU ${version} is installed already in ${home()}`;
    const started = performance.now();
    onProgress({ text: `fetching webgpu ${version} through npm`, fraction: undefined });
    await mkdir(enginesFolder(), { recursive: true });
    await removeUnfinished();
    // Named at the end, so that what was cut off is never taken for installed.
    const unfinished = `${home()}.${process.pid}.part`;
    await mkdir(unfinished);
    try {
      await writeFile(join(unfinished, 'package.json'), JSON.stringify(lock.packages['']));
      await writeFile(join(unfinished, 'package-lock.json'), JSON.stringify(lock));
      await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], unfinished);
      onProgress({ text: 'removing the files of other platforms', fraction: 0.9 });
      await removeOtherPlatforms(join(unfinished, 'node_modules', 'webgpu', 'dist'));
      await rm(home(), { recursive: true, force: true });
      await rename(unfinished, home());
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    return `WebGPU ${version} installed in ${home()} in ${seconds} s`;
  },

  async remove() {
    await rm(home(), { recursive: true, force: true });
    await removeUnfinished();
  },
};

/** @throws UserError `no-engine` where the package has nothing for this computer */
async function removeOtherPlatforms(dist: string): Promise<void> {
  const platforms = await readdir(dist);
  if (!platforms.includes(platform)) {
    throw new UserError(
      'no-engine',
      `webgpu ${version} has nothing for ${platform}; it has ${platforms.join(', ')}`,
    );
  }
  for (const other of platforms) if (other !== platform) await rm(join(dist, other), { recursive: true });
}

/** What installations left behind that were cut off. */
async function removeUnfinished(): Promise<void> {
  const names = await readdir(enginesFolder()).catch(() => []);
  for (const name of names.filter((name) => /^webgpu-.*\.part$/.test(name)))
    await rm(join(enginesFolder(), name), { recursive: true, force: true });
}

/** @throws UserError `no-npm` where there is none, `download-failed` with npm's last words */
function npm(args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', () =>
      reject(
        new UserError(
          'no-npm',
          'npm was not found, which installs WebGPU for Node. It comes with Node (https://nodejs.org); the desktop ' +
            'application needs neither',
        ),
      ),
    );
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            new UserError(
              'download-failed',
              `npm could not install webgpu ${version}: ${said.trim().slice(-600)}`,
            ),
          ),
    );
  });
}
