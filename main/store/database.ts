import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { UserError } from '../../shared/errors.ts';
import { diskFull, isDiskFull } from './atomic-write.ts';
import { listBackups } from './backups.ts';
import { migrate, requireOurs, timestamp } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { networkFileSystemWarning } from './network-file-system.ts';

/** Databases up to this size are checked page by page at every opening (about 0.1 s); larger ones by the backup. */
const checkedBytes = 128 * 1024 * 1024;

/**
 * Opens the run database, creating or migrating it. A damaged file is moved aside, never deleted, and a fresh one
 * takes its place.
 * @param onWarning is told about damage and about network file systems
 * @throws UserError `old-node`, `disk-full`, `cannot-open`, `foreign-database`, or what `migrate` throws
 */
export function openDatabase(path: string, onWarning: (text: string) => void): Database {
  requireNodeApi(Number(process.versions.napi));
  try {
    mkdirSync(dirname(path), { recursive: true });
    const warning = networkFileSystemWarning(dirname(path));
    if (warning) onWarning(warning);
    try {
      return openChecked(path);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onWarning(moveAside(path, error));
      return openChecked(path);
    }
  } catch (error) {
    throw explain(error, path);
  }
}

/** better-sqlite3 13 needs Node-API 10 and takes an older Node down without a message. */
export function requireNodeApi(version: number): void {
  if (version >= 10) return;
  throw new UserError(
    'old-node',
    `Node ${process.versions.node} offers Node-API ${version}, the run database needs 10; ` +
      'start Filigree by its npm scripts (npm start) or install Node 22.14 or newer',
  );
}

function openChecked(path: string): Database {
  const db = new Sqlite(path);
  try {
    requireOurs(db, path);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    db.pragma('temp_store = MEMORY');
    db.pragma('cache_size = -65536');
    db.pragma('mmap_size = 0');
    db.pragma('wal_autocheckpoint = 1000');
    migrate(db, path, migrations);
    if (statSync(path).size <= checkedBytes) {
      const found = db.pragma('quick_check(1)', { simple: true });
      if (found !== 'ok') throw new Sqlite.SqliteError(String(found), 'SQLITE_CORRUPT');
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** @returns what happened and what can be done, for the user */
function moveAside(path: string, damage: unknown): string {
  const aside = `${path}.corrupt-${timestamp()}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const [backup] = listBackups(path);
  return (
    `the run database ${path} is damaged (${(damage as Error).message}); it was moved to ${aside} and a new one begun. ` +
    (backup
      ? `The newest backup is ${backup}: to go back to it, close Filigree and copy it over ${path}`
      : 'There is no backup of it yet; checkpoints and artifacts are not affected')
  );
}

/** SQLite's errors in words the user can act on; any other error as it is. */
export function explain(error: unknown, path: string): unknown {
  if (isDiskFull(error)) return diskFull(path, error);
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const options = { cause: error };
  if (isDamage(error)) {
    const text = `the run database ${path} is damaged (${error.message}); restart Filigree to have it moved aside`;
    return new UserError('damaged-database', text, undefined, options);
  }
  if (error.code.startsWith('SQLITE_BUSY')) {
    const text = `another program has kept ${path} locked for 5 s; close it and try again`;
    return new UserError('busy-database', text, undefined, options);
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM)/.test(error.code)) {
    const text = `${path} cannot be opened for writing (${error.message}); check the folder's permissions`;
    return new UserError('cannot-open', text, undefined, options);
  }
  return error;
}
