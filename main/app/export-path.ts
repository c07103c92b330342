import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { UserError, show } from '../../shared/errors.ts';
import type { Workspace } from './workspace.ts';

/**
 * Where a file is written that a user named: an absolute path as it is, a relative one inside the export folder.
 * @throws UserError `bad-path` for one that leads out of it, or to a folder
 */
export async function exportPath({ exports }: Workspace, wanted: string): Promise<string> {
  const path = targetPath(exports, wanted);
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new UserError('bad-path', `path: ${show(path)} is a folder; accepted: the path of a file`, 'path');
  }
  return path;
}

/** A name for a file of a run: the run's, the end of its id, and what the file is. */
export const exportName = (run: string, id: string, ending: string): string =>
  `${slug(run)}-${id.slice(-6)}${ending}`;

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
