import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors.ts';

/** All bytes at once, or chunks of them that are written one after the other. */
export type FileContent = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file so that its name shows either the old content or all of the new one, also after a power cut:
 * temporary file in the same folder, fsync, rename, fsync of the folder.
 * @throws UserError `disk-full` when they do not fit; the old file stays and the temporary one is gone
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  await replaceFile(path, (temporary) => writeSynced(temporary, content));
}

/** Writes a new file and waits until it is on the disk. For use inside `replaceFile`. */
export async function writeSynced(path: string, content: FileContent): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (content instanceof Uint8Array) await file.writeFile(content);
    else for await (const chunk of content) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Lets `write` fill a temporary file (fsync included) and gives it its name only if that succeeds. For callers
 * that check what they wrote before it becomes visible.
 * @throws UserError `disk-full`, as `writeFileAtomic`
 */
export async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await write(temporary);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw isDiskFull(error) ? diskFull(path, error) : error;
  }
}

/** Makes a rename durable. Windows cannot open folders and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const diskFullCodes = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

/** No space left, or over quota; SQLite has its own words for it, one for the file and one for its shared memory. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && diskFullCodes.includes(code);
}

export function diskFull(path: string, cause: unknown): UserError {
  return new UserError(
    'disk-full',
    `no space left to write ${path}; nothing was changed. Free some space and try again`,
    undefined,
    { cause },
  );
}
