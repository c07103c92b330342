import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { isEnd } from '../../shared/run-state.ts';
import { replaceFile } from '../store/atomic-write.ts';
import type { RunStore } from '../store/run-store.ts';
import { format, jsonFile, paths, version } from './manifest.ts';
import { runParts } from './parts.ts';
import { discardStaged, stageArchive, type Progress } from './stage.ts';
import { ZipWriter, type WrittenFile } from './zip-writer.ts';

export interface ArchiveSource {
  store: RunStore;
  /** Root of the workspace. */
  workspace: string;
  /** Of the run. */
  folder: string;
  id: string;
  /** The program that writes it, with its version. */
  producer: string;
}

export interface ArchiveReport {
  path: string;
  bytes: number;
  /** Files in it, and the size of their content. */
  files: number;
  contentBytes: number;
  /** Identifies the content. */
  content: string;
}

/**
 * Writes everything that is stored of a run into one file, atomically, and only after reading it back.
 * @throws UserError `run-is-live` unless the run has ended, `too-large`, `damaged-file`, `bad-archive`, `disk-full`
 */
export async function writeArchive(
  source: ArchiveSource,
  path: string,
  onProgress: Progress = () => {},
): Promise<ArchiveReport> {
  const { store, workspace, folder, id, producer } = source;
  const { state } = store.getRun(id);
  if (!isEnd(state)) {
    throw new UserError('run-is-live', `run ${id} is ${state}; stop it before it is archived`, 'runId');
  }
  await mkdir(dirname(path), { recursive: true });
  const files: WrittenFile[] = [];
  let content = '';
  await replaceFile(path, async (temporary) => {
    const parts = runParts(store, folder, id);
    const file = await open(temporary, 'wx');
    try {
      const zip = new ZipWriter(file);
      for (const [i, part] of parts.entries()) {
        onProgress({ text: `writing ${part.path}`, fraction: i / (2 * parts.length) });
        const written = await zip.add(part.path, part.open);
        if (part.sha256 !== undefined && part.sha256 !== written.sha256) {
          throw new UserError(
            'damaged-file',
            `${part.path} of run ${id} is damaged: its SHA-256 is ${written.sha256}`,
          );
        }
        files.push(written);
      }
      const manifest = jsonFile({ format, version, producer, run: id, files });
      await zip.add(paths.manifest, () => [manifest]);
      await zip.finish();
      await file.sync();
    } finally {
      await file.close();
    }
    content = await readBack(temporary, path, workspace, onProgress);
  });
  const contentBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { size: bytes } = await stat(path);
  return { path, bytes, files: files.length + 1, contentBytes, content };
}

/** What cannot be imported is no archive: it is unpacked and checked as an import does it. */
async function readBack(
  temporary: string,
  path: string,
  workspace: string,
  onProgress: Progress,
): Promise<string> {
  try {
    const { root, content } = await stageArchive(temporary, workspace, ({ text, fraction }) =>
      onProgress({ text, fraction: 0.5 + (fraction ?? 0) / 2 }),
    );
    await discardStaged(root);
    return content;
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'disk-full') throw error;
    throw new UserError(
      'bad-archive',
      `${path} was not written, for it does not read back: ${error.message}`,
    );
  }
}
