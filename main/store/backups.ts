import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';

const kept = 3;

/** `backups/runs.sqlite.2026-11-21` beside the database. */
export const backupFolder = (path: string) => join(dirname(path), 'backups');

/** Backups of a database, newest first, as paths. */
export function listBackups(path: string): string[] {
  const pattern = `${basename(path)}.`;
  let names: string[];
  try {
    names = readdirSync(backupFolder(path));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(pattern) && /^\d{4}-\d{2}-\d{2}$/.test(name.slice(pattern.length)))
    .sort()
    .reverse()
    .map((name) => join(backupFolder(path), name));
}

/**
 * Writes today's backup unless there is one, and removes all but the newest three. The copy reads every page, so a
 * damaged database makes this throw and leaves the older backups alone.
 * @returns the new backup's path, or undefined if today's was there
 */
export function backUpDaily(db: Database, path: string, today = new Date()): string | undefined {
  const target = join(backupFolder(path), `${basename(path)}.${today.toISOString().slice(0, 10)}`);
  if (listBackups(path).includes(target)) return undefined;
  mkdirSync(backupFolder(path), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    db.prepare('VACUUM INTO ?').run(temporary);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
  for (const old of listBackups(path).slice(kept)) rmSync(old, { force: true });
  return target;
}
