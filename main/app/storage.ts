import { rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { isLive } from '../../shared/run-state.ts';
import type { CleanUpKind, StorageUsage } from '../../shared/storage-usage.ts';
import { datasets } from '../datasets/registry.ts';
import { backupFolder } from '../store/backups.ts';
import type { HostContext } from './context.ts';
import { filesBelow, totalBytes, type FileSize } from './folder-size.ts';

type Context = Pick<HostContext, 'workspace' | 'store'>;

/** Something that can be cleaned up: what it is, how large, and how it goes. */
interface Removable {
  items: string[];
  bytes: number;
  remove(): Promise<void>;
}

const kinds: Record<
  CleanUpKind,
  { label: string; explanation: string; find(context: Context): Promise<Removable> }
> = {
  trash: {
    label: 'Trash',
    explanation: 'Deletes the runs in the trash for good, with their curves, masks and checkpoints.',
    find: findTrash,
  },
  checkpoints: {
    label: 'Older checkpoints',
    explanation:
      'Keeps the newest checkpoint of every run, so that each can still be resumed, exported and looked at.',
    find: async (context) => removableFiles(context, await olderCheckpoints(context)),
  },
  exports: {
    label: 'Exports',
    explanation: 'Deletes exported files in the workspace; the runs stay and can be exported again.',
    find: async (context) => removableFiles(context, await filesBelow(context.workspace.exports)),
  },
  downloads: {
    label: 'Downloaded data sets',
    explanation: 'Deletes downloads; they are fetched again when a run needs them. Data of your own stays.',
    find: async (context) => removableFiles(context, await downloadedFiles(context)),
  },
  backups: {
    label: 'Older backups',
    explanation: 'Keeps the newest daily copy of the run database.',
    find: async (context) => removableFiles(context, await olderBackups(context)),
  },
};

/** What the workspace holds on disk, and how much of it each kind of clean-up would free. */
export async function measureStorage(context: Context): Promise<StorageUsage> {
  const { root, database } = context.workspace;
  const all = await filesBelow(root);
  const { bavail, bsize } = await statfs(root);
  const parts: StorageUsage['parts'] = [];
  for (const [kind, { label, explanation, find }] of Object.entries(kinds)) {
    const { bytes, items } = await find(context);
    parts.push({ kind: kind as CleanUpKind, label, explanation, bytes, items: items.length });
  }
  // With the write-ahead log and its index beside it.
  const isDatabase = ({ path }: FileSize) =>
    dirname(path) === root && basename(path).startsWith(basename(database));
  return {
    workspace: root,
    freeBytes: bavail * bsize,
    databaseBytes: totalBytes(all.filter(isDatabase)),
    total: totalBytes(all),
    parts,
  };
}

/** @param options.dryRun only tells what would be freed */
export async function cleanUp(
  context: Context,
  chosen: readonly CleanUpKind[],
  options: { dryRun: boolean },
): Promise<{ bytes: number; items: string[] }> {
  const freed = { bytes: 0, items: [] as string[] };
  for (const kind of new Set(chosen)) {
    const found = await kinds[kind].find(context);
    if (!options.dryRun) await found.remove();
    freed.bytes += found.bytes;
    freed.items.push(...found.items);
  }
  return freed;
}

async function findTrash({ store }: Context): Promise<Removable> {
  const runs = store.listRuns({ deleted: true });
  const ids = runs.map(({ id }) => id);
  return {
    items: runs.map(({ name, id }) => `${name} (${id.slice(-6)})`),
    bytes: store.deleteRuns(ids, { dryRun: true }).bytes,
    remove: async () => void store.deleteRuns(ids, { dryRun: false }),
  };
}

function removableFiles({ workspace }: Context, files: readonly FileSize[]): Removable {
  return {
    items: files.map(({ path }) => relative(workspace.root, path)),
    bytes: totalBytes(files),
    async remove() {
      for (const { path } of files) await rm(path, { force: true });
    },
  };
}

/** Of runs that are not training: all but the newest, whose number of steps sorts last. */
async function olderCheckpoints({ workspace, store }: Context): Promise<FileSize[]> {
  const states = store.runStates();
  const newest = new Map<string, FileSize>();
  const older: FileSize[] = [];
  for (const file of await filesBelow(join(workspace.root, 'runs'))) {
    const id = basename(dirname(file.path));
    const state = states.get(id);
    if (!state || isLive(state) || !/^checkpoint-\d+\.safetensors$/.test(basename(file.path))) continue;
    const previous = newest.get(id);
    if (previous) older.push(previous);
    newest.set(id, file);
  }
  return older;
}

async function downloadedFiles({ workspace }: Context): Promise<FileSize[]> {
  const folders = datasets.filter((source) => source.downloadable).map(({ id }) => join(workspace.data, id));
  return (await Promise.all(folders.map(filesBelow))).flat();
}

/** Names end in their date, so the newest is the last. */
async function olderBackups({ workspace }: Context): Promise<FileSize[]> {
  return (await filesBelow(backupFolder(workspace.database))).slice(0, -1);
}
