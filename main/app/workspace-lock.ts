import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { isGone, thisProcess, type Owner } from '../store/owner.ts';
import type { Workspace } from './workspace.ts';

interface Holder {
  owner: Owner;
  /** Where its windows find it, in words. */
  where: string;
}

export interface WorkspaceLock {
  /** Says where this host's windows are, once that is known. */
  announce(where: string): void;
  release(): void;
}

const heartbeatMs = 10_000;

/**
 * One workbench per workspace: there is one queue, and two hosts would start the same run twice. The command line
 * trains beside a workbench without it. A lock whose process is gone is taken over.
 * @throws UserError `workspace-in-use` naming the process and where its windows are
 */
export function lockWorkspace({ root }: Workspace): WorkspaceLock {
  const path = join(root, 'workbench.lock');
  const mine: Holder = { owner: thisProcess, where: 'a workbench that is starting' };
  const draft = writeBeside(path, mine);
  try {
    while (!tryLink(draft, path)) removeIfStale(path, root);
  } finally {
    rmSync(draft, { force: true });
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs).unref();
  return {
    announce: (where) => renameSync(writeBeside(path, { ...mine, where }), path),
    release() {
      clearInterval(heartbeat);
      rmSync(path, { force: true });
    },
  };
}

/** Written beside and moved, so that whoever reads the lock reads all of it. */
function writeBeside(path: string, holder: Holder): string {
  const draft = nameBeside(path);
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

const nameBeside = (path: string) => `${path}.${randomBytes(6).toString('hex')}`;

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function removeIfStale(path: string, root: string): void {
  const held = readHolder(path);
  if (!held) return;
  const { holder, text, touchedMs } = held;
  if (holder && !isGone(holder.owner, touchedMs, Date.now())) {
    throw new UserError(
      'workspace-in-use',
      `${root} is open in ${holder.where} (process ${holder.owner.pid} on ${holder.owner.host}). ` +
        'Use that one, end it, or choose another folder with --workspace',
      '--workspace',
    );
  }
  // Only one of several successors gets to move it away; who moved a newer lock by mistake puts it back.
  const aside = nameBeside(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== text) tryLink(aside, path);
  rmSync(aside, { force: true });
}

/** An unreadable lock counts as stale: its writer was cut off. */
function readHolder(
  path: string,
): { holder: Holder | undefined; text: string; touchedMs: number } | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const touchedMs = statSync(path).mtimeMs;
    return { holder: parseHolder(text), text, touchedMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return typeof holder.owner?.pid === 'number' ? holder : undefined;
  } catch {
    return undefined;
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // Somebody removed it by hand; there is nothing to keep fresh.
  }
}
