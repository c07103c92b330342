import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../../../shared/errors.ts';
import type { InstallOptions } from '../../engine.ts';
import { tensorflowEnvironment } from '../environment.ts';
import { ensureAddon } from './addon.ts';
import { bytesIn } from './download.ts';
import { installedTensorflow, recordInstallation, tensorflowFolder } from './installation.ts';
import { wheel } from './release.ts';
import { runTool } from './run-tool.ts';
import { namedFolder, officialWheel, tfjsBinary, type Source } from './sources.ts';
import { verify, type Verified } from './verify.ts';

/**
 * Installs TensorFlow, or brings the addon of an installed one up to date. Everything happens in a folder beside the
 * engine's that takes its name at the end: what is cut off leaves nothing that could be taken for installed.
 * @returns what was done, with disk and time
 * @throws UserError `no-space` and those of the sources, the addon and the verification
 */
export async function installTensorflow({ gpu = false, from, onProgress }: InstallOptions): Promise<string> {
  const started = performance.now();
  const folder = tensorflowFolder();
  const installed = installedTensorflow(folder);
  if (installed && !from && installed.gpu === gpu) {
    const addon = await ensureAddon(folder, (text) => onProgress({ text, fraction: undefined }));
    if (addon === installed.addon) return `TensorFlow ${installed.version} is installed already in ${folder}`;
    await verifyApart(join(folder, addon));
    await recordInstallation(folder, { ...installed, addon });
    return `The addon of TensorFlow ${installed.version} in ${folder} was renewed in ${seconds(started)}`;
  }

  await mkdir(dirname(folder), { recursive: true });
  await removeUnfinished(folder);
  await requireSpace(dirname(folder), (gpu ? wheel.gpu : wheel.cpu).spaceBytes);
  const staging = `${folder}.${process.pid}.part`;
  await mkdir(staging);
  try {
    const source = await fetchFrom(sourcesFor(gpu, from), staging, onProgress);
    const step = (text: string) => onProgress({ text, fraction: undefined });
    const addon = await ensureAddon(staging, step);
    step('stripping symbols');
    await strip(join(staging, 'lib'));
    step('verifying');
    const { version, usesGpu } = await verifyApart(join(staging, addon));
    await recordInstallation(staging, { version, gpu, source, addon });
    const bytes = await bytesIn(staging);
    await replace(staging, folder);
    const device = gpu && !usesGpu ? '; it finds no GPU here and computes on the CPU' : '';
    return (
      `TensorFlow ${version} from ${source} installed in ${folder} in ${seconds(started)}: ` +
      `${(bytes / 1e6).toFixed(0)} MB on disk${device}`
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Undoes `installTensorflow`. */
export async function removeTensorflow(): Promise<void> {
  const folder = tensorflowFolder();
  await removeUnfinished(folder);
  if (!existsSync(folder)) return;
  const leaving = `${folder}.${process.pid}.part`;
  await rename(folder, leaving);
  await rm(leaving, { recursive: true });
}

const seconds = (started: number) => `${((performance.now() - started) / 1000).toFixed(0)} s`;

function sourcesFor(gpu: boolean, from: string | undefined): Source[] {
  return from === undefined ? [officialWheel(gpu), tfjsBinary(gpu)] : [namedFolder(from)];
}

/** The first source that can be had. @throws UserError of the first one, with what went wrong with the others */
async function fetchFrom(
  sources: readonly Source[],
  staging: string,
  onProgress: InstallOptions['onProgress'],
): Promise<string> {
  const failures: UserError[] = [];
  for (const source of sources) {
    try {
      return await source(staging, onProgress);
    } catch (error) {
      // A file that was tampered with is no reason to look elsewhere, and an error of the product is none either.
      if (!(error instanceof UserError) || error.code === 'wrong-hash') throw error;
      failures.push(error);
      for (const name of await readdir(staging)) await rm(join(staging, name), { recursive: true });
    }
  }
  const [first] = failures;
  throw new UserError(first.code, failures.map(({ message }) => message).join('; and '), first.field);
}

/** Symbols for debuggers are a quarter of the libraries. Without the tool they stay. */
async function strip(libraries: string): Promise<void> {
  const files = (await readdir(libraries)).filter((name) => name.startsWith('libtensorflow'));
  if (process.platform === 'linux') {
    await runTool('strip', ['--strip-unneeded', ...files.map((name) => join(libraries, name))]);
  }
}

/** In a child process, which native code may crash; Electron's helper is one already and has no plain Node to start. */
async function verifyApart(addon: string): Promise<Verified> {
  if (process.versions.electron) return verify(addon);
  const entry = import.meta.url.endsWith('.ts') ? './verify-process.ts' : './verify-tensorflow.js';
  const environment = tensorflowEnvironment({ threads: 1, libraries: [join(dirname(addon), '..', 'lib')] });
  const path = fileURLToPath(new URL(entry, import.meta.url));
  const child = await runTool(process.execPath, [path, addon], environment);
  const answer = /^\{"(verified|failure)".*\}$/m.exec(child?.output ?? '');
  const { verified, failure } = (answer ? JSON.parse(answer[0]) : {}) as {
    verified?: Verified;
    failure?: string;
  };
  if (verified) return verified;
  throw new UserError(
    'verification-failed',
    `TensorFlow does not work on this computer: ${failure ?? `the test ended with ${child?.code}: ${child?.output}`}`,
  );
}

/** @throws UserError `no-space` */
async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    'no-space',
    `TensorFlow needs ${(bytes / 1e9).toFixed(1)} GB in ${folder} and ${((bavail * bsize) / 1e9).toFixed(1)} GB are free: ` +
      'make room, or name another place with FILIGREE_ENGINES',
  );
}

async function replace(staging: string, folder: string): Promise<void> {
  const old = `${folder}.old.${process.pid}.part`;
  if (existsSync(folder)) await rename(folder, old);
  await rename(staging, folder);
  await rm(old, { recursive: true, force: true });
}

/** What processes left behind that are gone. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder)).catch(() => [])) {
    const pid = new RegExp(`^${basename(folder)}\\.(?:old\\.)?(\\d+)\\.part$`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
