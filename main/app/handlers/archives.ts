import { basename, isAbsolute } from 'node:path';
import { UserError, show } from '../../../shared/errors.ts';
import { isEnd } from '../../../shared/run-state.ts';
import type { ImportResult } from '../../../shared/run-archive.ts';
import { archiveExtension } from '../../archive/manifest.ts';
import { refuseExisting } from '../../exporters/export-model.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { exportName, exportPath } from '../export-path.ts';
import { adoptImport } from '../run-archive.ts';
import { runFile } from '../run-file.ts';
import { Uploads } from '../uploads.ts';

type ArchiveCall = Extract<keyof Handlers, `archives.${string}`>;

export function archivesHandlers(context: HostContext): Pick<Handlers, ArchiveCall> {
  const { workspace, store, tasks, queue } = context;
  const uploads = new Uploads(workspace);

  async function importArchive(path: string, title: string): Promise<ImportResult> {
    const { done } = tasks.track({ kind: 'import', title }, async (options) => {
      const staged = await tasks.run('stageImport', { path, workspace: workspace.root }, options);
      return adoptImport(store, staged);
    });
    const result = await done;
    queue.feed.changed([result.id]);
    return result;
  }

  return {
    async 'archives.create'({ runId, path: wanted, overwrite }) {
      const { name, id, state } = store.getRun(runId);
      if (!isEnd(state)) {
        throw new UserError(
          'run-is-live',
          `run ${id} is ${state}; it can be archived once it has ended`,
          'runId',
        );
      }
      const path = await exportPath(workspace, wanted ?? exportName(name, id, archiveExtension));
      if (!overwrite) refuseExisting(path);
      const { done } = tasks.track({ kind: 'export', title: `Archiving ${name}` }, (options) =>
        tasks.run('archiveRun', { workspace: workspace.root, id, path }, options),
      );
      await done;
      return runFile(path, context.shell);
    },
    'archives.import'(from) {
      if ('upload' in from)
        return uploads.take(from.upload, (path) => importArchive(path, 'Importing a run'));
      const { path } = from;
      if (!isAbsolute(path) || path.includes('\0')) {
        throw new UserError('bad-path', `path: ${show(path)} is not an absolute path`, 'path');
      }
      return importArchive(path, `Importing ${basename(path)}`);
    },
    'archives.beginUpload': async ({ bytes }) => ({ upload: await uploads.begin(bytes) }),
    'archives.upload': ({ upload, offset, data }) => uploads.add(upload, offset, data),
  };
}
