import type { ImportResult } from '../../shared/run-archive.ts';
import { contentHash } from '../archive/manifest.ts';
import { hashParts, runParts } from '../archive/parts.ts';
import { discardStaged, stageArchive, type StagedArchive } from '../archive/stage.ts';
import { writeArchive, type ArchiveReport } from '../archive/write.ts';
import { RunStore } from '../store/run-store.ts';
import type { ReportProgress } from './jobs/index.ts';
import { version } from './provenance.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** A run of a workspace, named by plain data, for helper processes. */
export interface RunOf {
  /** Root of the workspace. */
  workspace: string;
  id: string;
}

/** What was unpacked and checked; nothing of it is in the workspace's store yet. */
export type StagedImport = StagedArchive & {
  /** The run of this workspace that has the same content. */
  known: string | undefined;
};

/** Writes a run's archive. @throws UserError as `writeArchive` */
export async function archiveRun(
  { workspace: root, id, path }: RunOf & { path: string },
  onProgress: ReportProgress,
): Promise<ArchiveReport> {
  return withStore(root, (store, workspace) =>
    writeArchive(
      { store, workspace: root, folder: workspace.runFolder(id), id, producer: `Filigree ${version}` },
      path,
      onProgress,
    ),
  );
}

/** Unpacks and checks an archive. @throws UserError as `stageArchive` */
export async function stageImport(
  { path, workspace: root }: { path: string; workspace: string },
  onProgress: ReportProgress,
): Promise<StagedImport> {
  const staged = await stageArchive(path, root, onProgress);
  try {
    const known = await withStore(root, (store, workspace) => findSame(store, workspace, staged));
    return { ...staged, known };
  } catch (error) {
    await discardStaged(staged.root);
    throw error;
  }
}

/** Moves what was staged into the store, unless it is there already; the staging folder is gone afterwards. */
export async function adoptImport(store: RunStore, staged: StagedImport): Promise<ImportResult> {
  const { known, name } = staged;
  try {
    if (known === undefined) {
      const id = store.adoptRun(staged);
      return { id, name, outcome: id === staged.id ? 'imported' : 'copied' };
    }
    const run = store.getRun(known);
    if (run.deletedMs === undefined) return { id: known, name: run.name, outcome: 'known' };
    store.restoreFromTrash([known]);
    return { id: known, name: run.name, outcome: 'restored' };
  } finally {
    await discardStaged(staged.root);
  }
}

/** A run that came from the same archive, whatever was noted on it since, or the very run that was archived. */
async function findSame(
  store: RunStore,
  workspace: Workspace,
  { id, content }: StagedArchive,
): Promise<string | undefined> {
  const imported = store.importedRun(content);
  if (imported !== undefined) return imported;
  const own = store.listRows([id]).length > 0;
  if (!own) return undefined;
  const files = await hashParts(runParts(store, workspace.runFolder(id), id));
  return contentHash(files) === content ? id : undefined;
}

/** Opens a workspace in a helper process, beside its host. */
export async function withStore<T>(
  root: string,
  work: (store: RunStore, workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = openWorkspace(root);
  const store = RunStore.open(workspace.database, { onWarning: () => {} });
  try {
    return await work(store, workspace);
  } finally {
    store.close({ backUp: false });
  }
}
