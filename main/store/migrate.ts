import type { Database } from 'better-sqlite3';
import { UserError } from '../../shared/errors.ts';

/** `Filg`: tells our files from other programs' SQLite files. */
const applicationId = 0x46696c67;

/**
 * To be called before anything is changed.
 * @throws UserError `foreign-database` if another program made this file
 */
export function requireOurs(db: Database, path: string): void {
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (isEmpty || db.pragma('application_id', { simple: true }) === applicationId) return;
  throw new UserError(
    'foreign-database',
    `${path} belongs to another program; choose another workspace folder`,
  );
}

/**
 * Brings a database to the newest schema in one transaction, or leaves it as it was. Before an existing database
 * changes, a copy is put beside it as `<path>.v<version>`.
 * @param migrations SQL from version i to i + 1; `PRAGMA user_version` says how many were applied
 * @throws UserError `newer-database`, `migration-failed`
 */
export function migrate(db: Database, path: string, migrations: readonly string[]): void {
  const version = schemaVersion(db);
  if (version > migrations.length) {
    throw new UserError(
      'newer-database',
      `${path} was written by a newer Filigree (schema ${version}, this one knows ${migrations.length}); ` +
        'update Filigree or choose another workspace folder',
    );
  }
  if (version === migrations.length) return;
  const copy = version > 0 ? copyBeside(db, `${path}.v${version}`) : undefined;
  try {
    db.transaction(() => {
      // Another process may have migrated while we waited for the write lock.
      for (let next = schemaVersion(db); next < migrations.length; next++) db.exec(migrations[next]);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${migrations.length}`);
    }).immediate();
  } catch (error) {
    if (!copy) throw error;
    throw new UserError(
      'migration-failed',
      `${path} could not be brought from schema ${version} to ${migrations.length}: ${(error as Error).message}. ` +
        `It is unchanged, and a copy is in ${copy}`,
      undefined,
      { cause: error },
    );
  }
}

export function schemaVersion(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function copyBeside(db: Database, name: string): string {
  const copy = `${name}-${timestamp()}`;
  db.prepare('VACUUM INTO ?').run(copy);
  return copy;
}

/** `20261121-113254`, for file names. */
export function timestamp(now = new Date()): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}
