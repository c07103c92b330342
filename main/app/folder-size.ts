import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FileSize {
  path: string;
  bytes: number;
}

/** Every file below a folder, in order of names; links are not followed, and a folder that is not there is empty. */
export async function filesBelow(folder: string): Promise<FileSize[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files: FileSize[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Gone in the meantime: a run removes its older checkpoints.
    const size = await stat(path).catch(() => undefined);
    if (size) files.push({ path, bytes: size.size });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export async function folderSize(folder: string): Promise<{ bytes: number; files: number }> {
  const files = await filesBelow(folder);
  return { bytes: totalBytes(files), files: files.length };
}

export const totalBytes = (files: readonly FileSize[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);
