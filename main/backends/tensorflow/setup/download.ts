import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../../../shared/errors.ts';
import { wheel } from './release.ts';
import { runTool } from './run-tool.ts';

const pips = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']];

/**
 * Loads wheels of Python packages for the pinned Python and platform, whatever runs pip; nothing is installed.
 * @throws UserError `no-pip`; `download-failed` with pip's last words
 */
export async function pipDownload(requirements: readonly string[], folder: string): Promise<void> {
  const [command, ...before] = (await firstPip()) ?? noPip();
  const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--dest', folder];
  const args = [...before, 'download', '--quiet', ...options, ...wheel.tags, ...requirements];
  // Unfinished downloads lie in the same folder: they count as progress and go with it.
  const pip = await runTool(command, args, { TMPDIR: folder });
  if (pip?.code === 0) return;
  throw new UserError(
    'download-failed',
    `pip could not fetch ${requirements.join(', ')}: ${pip?.output.slice(-600) ?? 'it is gone'}`,
  );
}

async function firstPip(): Promise<string[] | undefined> {
  for (const [command, ...args] of pips) {
    if ((await runTool(command, [...args, '--version']))?.code === 0) return [command, ...args];
  }
  return undefined;
}

function noPip(): never {
  throw new UserError(
    'no-pip',
    'pip was not found, which fetches the official TensorFlow: install Python 3 with pip ("sudo apt-get install ' +
      'python3-pip" on Debian and Ubuntu), or name a folder that has TensorFlow with --from',
  );
}

/** @throws UserError `wrong-hash` */
export async function checkHash(file: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new UserError(
      'wrong-hash',
      `${basename(file)} is not the file that was published: its SHA-256 is ${found} instead of ${sha256}`,
    );
  }
}

/** @throws UserError `download-failed` */
export async function download(url: string, file: string): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    await pipeline(response.body as AsyncIterable<Uint8Array>, createWriteStream(file));
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    throw new UserError('download-failed', `${url}: ${cause?.message ?? message}`, undefined, {
      cause: error,
    });
  }
}

/** Bytes of all files in a folder, also while they come and go. */
export async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
