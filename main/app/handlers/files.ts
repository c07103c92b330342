import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Output } from '../../../shared/contract.ts';
import { show, UserError } from '../../../shared/errors.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

export function filesHandlers({
  shell,
}: HostContext): Pick<Handlers, 'files.list' | 'shell.chooseFolder' | 'shell.reveal'> {
  return {
    'files.list': ({ path }) => listFolder(path ?? homedir()),
    async 'shell.chooseFolder'() {
      if (!shell.chooseFolder) throw unavailable('choosing a folder in a dialog of the system');
      return { path: await shell.chooseFolder() };
    },
    'shell.reveal'({ path }) {
      if (!shell.reveal) throw unavailable('showing a file in the file manager');
      requireAbsolute(path);
      if (!existsSync(path)) throw new UserError('no-such-file', `path: there is no ${show(path)}`, 'path');
      shell.reveal(resolve(path));
    },
  };
}

/** Folders first, then files, each by name; hidden ones and what can be neither are left out. */
async function listFolder(path: string): Promise<Output<'files.list'>> {
  requireAbsolute(path);
  const folder = resolve(path);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new UserError('unreadable-folder', `path: ${show(path)} ${reason(error)}`, 'path');
  });
  const entries = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => entryOf(folder, name)),
  );
  const order = new Intl.Collator('en', { numeric: true });
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? undefined : parent,
    entries: entries
      .filter((entry) => entry !== undefined)
      .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || order.compare(a.name, b.name)),
  };
}

/** Links are followed; one that leads nowhere is nothing to choose. */
async function entryOf(folder: string, name: string) {
  const found = await stat(join(folder, name)).catch(() => undefined);
  if (!found?.isDirectory() && !found?.isFile()) return undefined;
  return { name, isFolder: found.isDirectory(), bytes: found.isFile() ? found.size : 0 };
}

function requireAbsolute(path: string): void {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new UserError('bad-path', `path: ${show(path)} is not an absolute path`, 'path');
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ENOTDIR') return 'is not a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `cannot be read (${message})`;
}

const unavailable = (what: string) =>
  new UserError('unavailable', `${what} works in the desktop application only`);
