import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunFile } from '../../shared/run-archive.ts';
import type { ShellServices } from './context.ts';

/** What a window is told of a file that was written for it. */
export async function runFile(path: string, shell: ShellServices): Promise<RunFile> {
  const { size } = await stat(path);
  return { path, file: basename(path), bytes: size, downloadUrl: shell.offerDownload?.(path) };
}
