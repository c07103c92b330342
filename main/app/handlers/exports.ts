import { stat } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { UserError, show } from '../../../shared/errors.ts';
import { refuseExisting } from '../../exporters/export-model.ts';
import { exporterById } from '../../exporters/registry.ts';
import { transformsById } from '../../exporters/transforms.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

export function exportsHandlers({
  workspace,
  store,
  tasks,
  shell,
}: HostContext): Pick<Handlers, 'exports.create'> {
  const folder = workspace.exports;
  return {
    async 'exports.create'({ runId, format, transforms, path: wanted, overwrite }) {
      const { name, id, state, config, configHash } = store.getRun(runId);
      const { extension, title, snippet } = exporterById(format);
      transformsById(transforms);
      const path = targetPath(folder, wanted ?? fileName(name, id, format, extension));
      if ((await stat(path).catch(() => undefined))?.isDirectory()) {
        throw new UserError(
          'bad-path',
          `path: ${show(path)} is a folder; accepted: the path of a file`,
          'path',
        );
      }
      if (!overwrite) refuseExisting(path);
      const { done } = tasks.track({ kind: 'export', title: `Exporting ${name} as ${title}` }, (options) =>
        tasks.run(
          'exportRun',
          {
            run: { id, state, config, configHash },
            ...{ folder: workspace.runFolder(id), dataFolder: workspace.data },
            ...{ format, transforms, path, overwrite },
          },
          options,
        ),
      );
      const report = await done;
      const file = basename(path);
      const downloadUrls = report.files.flatMap((written) => shell.offerDownload?.(written.path) ?? []);
      // Who downloads it has it under its name, somewhere else.
      const place = downloadUrls.length === 0 ? path : file;
      return {
        ...report,
        file,
        snippet: { ...snippet, code: snippet.code.replaceAll('{file}', () => escaped(place)) },
        downloadUrls,
      };
    },
  };
}

/**
 * An absolute path as it is, a relative one inside the export folder.
 * @throws UserError `bad-path` for one that leads out of it
 */
function targetPath(folder: string, path: string): string {
  if (path.includes('\0')) throw new UserError('bad-path', `path: ${show(path)} is not a path`, 'path');
  if (isAbsolute(path)) return resolve(path);
  const target = resolve(folder, path);
  const inside = relative(folder, target);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    throw new UserError(
      'bad-path',
      `path: ${show(path)} leads out of the export folder ${folder}; accepted: an absolute path, or one inside it`,
      'path',
    );
  }
  return target;
}

/** Says the format where the extension does not: two formats share one. */
function fileName(run: string, id: string, format: string, extension: string): string {
  const suffix = extension === `.${format}` ? '' : `-${format}`;
  return `${slug(run)}-${id.slice(-6)}${suffix}${extension}`;
}

/** Letters, digits and dashes: a name that every file system takes. */
function slug(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'run'
  );
}

/** For a string literal of the snippet's language. */
const escaped = (path: string) => JSON.stringify(path).slice(1, -1);
