import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { UserError, show } from '../../shared/errors.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { explain } from './database.ts';

/** A file that belongs to a run: `role` says what for (`export`, `log`), `name` is unique within it. */
export interface Artifact {
  runId: string;
  role: string;
  name: string;
  step: number | undefined;
  sha256: string;
  bytes: number;
  media: string;
}

export interface NewArtifact {
  role: string;
  name: string;
  step?: number;
  media: string;
}

/** What a deletion frees (or would free). */
export interface Freed {
  files: number;
  bytes: number;
}

/** A file younger than this without a row may be one whose row is just being written. */
const graceMs = 3_600_000;

/**
 * Files under `sha256/ab/cdef…`, named by their content: equal content is stored once and shared between runs. A file
 * is complete and synced before the database mentions it, so a crash can only leave a file without a row.
 */
export class ArtifactStore {
  readonly #db: Database;
  readonly #folder: string;

  constructor(db: Database, folder: string) {
    this.#db = db;
    this.#folder = join(folder, 'sha256');
  }

  /**
   * Stores bytes and connects them with a run; the same role and name again replaces the connection.
   * @throws UserError `disk-full`
   */
  async put(runId: string, artifact: NewArtifact, content: Uint8Array): Promise<Artifact> {
    const sha256 = sha256Of(content);
    const path = this.path(sha256);
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      await writeFileAtomic(path, content);
    }
    const bytes = content.byteLength;
    try {
      this.#db.transaction(() => this.#addRow(runId, artifact, sha256, bytes)).immediate();
    } catch (error) {
      throw explain(error, this.#db.name);
    }
    return { runId, ...artifact, step: artifact.step, sha256, bytes };
  }

  #addRow(runId: string, { role, name, step, media }: NewArtifact, sha256: string, bytes: number): void {
    this.#db
      .prepare('INSERT INTO artifact (sha256, bytes, media) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(sha256, bytes, media);
    this.#db
      .prepare(
        'INSERT OR REPLACE INTO run_artifact (run_id, role, name, step, sha256) VALUES (?, ?, ?, ?, ?)',
      )
      .run(runId, role, name, step, sha256);
  }

  /** Moves the files of another store here, ahead of the rows that will refer to them. */
  adoptFiles(other: ArtifactStore): void {
    for (const { sha256, path } of other.#files()) {
      const target = this.path(sha256);
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      renameSync(path, target);
    }
  }

  /** @throws UserError `damaged-artifact` if the content is not what was stored */
  async read(sha256: string): Promise<Uint8Array> {
    const content = await readFile(this.path(sha256));
    if (sha256Of(content) === sha256) return content;
    throw new UserError(
      'damaged-artifact',
      `${this.path(sha256)} is damaged: its SHA-256 is ${sha256Of(content)}`,
    );
  }

  path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new UserError('bad-sha256', `${show(sha256)} is no SHA-256`, 'sha256');
    return join(this.#folder, sha256.slice(0, 2), sha256.slice(2));
  }

  list(runId: string): Artifact[] {
    const rows = this.#db
      .prepare<[string], Omit<Artifact, 'step'> & { step: number | null }>(
        `SELECT run_id AS runId, role, name, step, sha256, bytes, media
         FROM run_artifact JOIN artifact USING (sha256) WHERE run_id = ? ORDER BY role, name`,
      )
      .all(runId);
    return rows.map((row) => ({ ...row, step: row.step ?? undefined }));
  }

  /** What only these runs refer to: the files that would go with them. */
  onlyIn(runIds: readonly string[]): Freed {
    return this.#db
      .prepare<[string], Freed>(
        `WITH gone AS (SELECT value AS id FROM json_each(?))
         SELECT count(*) AS files, ifnull(sum(bytes), 0) AS bytes FROM artifact
         WHERE sha256 IN (SELECT sha256 FROM run_artifact WHERE run_id IN gone)
         AND sha256 NOT IN (SELECT sha256 FROM run_artifact WHERE run_id NOT IN gone)`,
      )
      .get(JSON.stringify(runIds))!;
  }

  /**
   * Removes files and rows that no run refers to. Rows go first, so a crash in between leaves only files that the
   * next collection finds.
   */
  collectGarbage({ dryRun, nowMs = Date.now() }: { dryRun: boolean; nowMs?: number }): Freed {
    const used = new Set(this.#db.prepare<[], string>('SELECT sha256 FROM run_artifact').pluck().all());
    const known = new Set(this.#db.prepare<[], string>('SELECT sha256 FROM artifact').pluck().all());
    const garbage = this.#files().filter(
      ({ sha256, changedMs }) => !used.has(sha256) && (known.has(sha256) || nowMs - changedMs > graceMs),
    );
    if (!dryRun) {
      this.#db.prepare('DELETE FROM artifact WHERE sha256 NOT IN (SELECT sha256 FROM run_artifact)').run();
      for (const { path } of garbage) rmSync(path, { force: true });
    }
    return { files: garbage.length, bytes: garbage.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #files(): { sha256: string; path: string; bytes: number; changedMs: number }[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).flatMap((prefix) =>
      readdirSync(join(this.#folder, prefix)).map((rest) => {
        const path = join(this.#folder, prefix, rest);
        const { size, mtimeMs } = statSync(path);
        return { sha256: prefix + rest, path, bytes: size, changedMs: mtimeMs };
      }),
    );
  }
}

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
