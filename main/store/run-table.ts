import type { Database } from 'better-sqlite3';
import { UserError, show } from '../../shared/errors.ts';
import type { RunConfig } from '../../shared/run.ts';
import type { RunState } from '../../shared/run-state.ts';
import { flattenConfig, selectRuns, toStoredRun, type RunRecord, type StoredRun } from './run-record.ts';
import { ulid } from './ulid.ts';

export interface NewRun {
  config: RunConfig;
  configHash: string;
  seed: number;
  /** What the run was made with; `setProvenance` adds to it. */
  environment: Record<string, unknown>;
  project?: string;
  parentRunId?: string;
  forkStep?: number;
}

/** Everything that a run's row says from its first moment on. */
export type NewRow = Omit<StoredRun, 'archived' | 'deletedMs' | 'heartbeatMs'>;

export interface RunFilter {
  state?: RunState;
  project?: string;
  tag?: string;
  starred?: boolean;
  /** In the trash; left out: outside it. */
  deleted?: boolean;
  /** Settings by their flattened key, as `flattenConfig` writes them: `{ 'method.id': 'rigl' }`. */
  settings?: Readonly<Record<string, string | number | boolean>>;
  limit?: number;
}

/** The tables of runs, their settings and tags. Writers are called inside the caller's transaction. */
export class RunTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws UserError `unknown-run` */
  get(id: string): RunRecord {
    const row = this.#db.prepare<[string], RunRecord>(`${selectRuns} WHERE run.id = ?`).get(id);
    if (!row) throw unknownRun(id);
    return row;
  }

  create(run: NewRun): string {
    const id = ulid();
    this.insert({
      ...{ reason: undefined, parentRunId: undefined, forkStep: undefined, project: 'default' },
      ...run,
      ...{ id, name: run.config.name, state: 'draft', notes: '', starred: false, tags: [] },
      ...{ createdMs: Date.now(), startedMs: undefined, endedMs: undefined },
    });
    return id;
  }

  /** Adds a run as it is; its parent, if it has one, must be there. */
  insert(run: NewRow): void {
    this.#db.prepare('INSERT INTO project (name) VALUES (?) ON CONFLICT DO NOTHING').run(run.project);
    this.#db
      .prepare(
        `INSERT INTO run (id, project_id, name, state, reason, parent_run_id, fork_step, config, config_hash, seed,
           environment, notes, starred, created_ms, started_ms, ended_ms)
         VALUES (@id, (SELECT id FROM project WHERE name = @project), @name, @state, @reason, @parentRunId, @forkStep,
           @config, @configHash, @seed, @environment, @notes, @starred, @createdMs, @startedMs, @endedMs)`,
      )
      .run({
        ...run,
        config: JSON.stringify(run.config),
        environment: JSON.stringify(run.environment),
        starred: Number(run.starred),
        tags: undefined,
      });
    const add = this.#db.prepare(
      'INSERT INTO param (run_id, key, value_num, value_text) VALUES (?, ?, ?, ?)',
    );
    for (const [key, value] of Object.entries(flattenConfig(run.config)))
      add.run(run.id, key, ...settingColumns(value));
    this.setTags(run.id, run.tags);
  }

  /** Runs that meet every condition, newest first. */
  list(filter: RunFilter): StoredRun[] {
    const conditions: string[] = [];
    const values: unknown[] = [];
    const where = (condition: string, ...operands: unknown[]) => {
      conditions.push(condition);
      values.push(...operands);
    };
    where(`run.deleted_ms IS ${filter.deleted ? 'NOT NULL' : 'NULL'}`);
    if (filter.state !== undefined) where('run.state = ?', filter.state);
    if (filter.project !== undefined) where('project.name = ?', filter.project);
    if (filter.starred !== undefined) where('run.starred = ?', Number(filter.starred));
    if (filter.tag !== undefined) where('run.id IN (SELECT run_id FROM run_tag WHERE tag = ?)', filter.tag);
    for (const [key, value] of Object.entries(filter.settings ?? {})) {
      const match = 'SELECT run_id FROM param WHERE key = ? AND value_num IS ? AND value_text IS ?';
      where(`run.id IN (${match})`, key, ...settingColumns(value));
    }
    return this.#db
      .prepare<unknown[], RunRecord>(
        `${selectRuns} WHERE ${conditions.join(' AND ')} ORDER BY run.id DESC LIMIT ?`,
      )
      .all(...values, filter.limit ?? -1)
      .map(toStoredRun);
  }

  childrenOf(id: string): string[] {
    const sql = 'SELECT id FROM run WHERE parent_run_id = ? AND deleted_ms IS NULL ORDER BY id';
    return this.#db.prepare<[string], string>(sql).pluck().all(id);
  }

  /**
   * Runs a statement that takes a value and an id for each of these runs.
   * @throws UserError `unknown-run` if one does not exist
   */
  update(ids: readonly string[], sql: string, value: string | number | null): void {
    const update = this.#db.prepare(sql);
    for (const id of ids) if (update.run(value, id).changes === 0) throw unknownRun(id);
  }

  setProvenance(id: string, provenance: Record<string, unknown>): void {
    const environment = { ...(JSON.parse(this.get(id).environment) as object), ...provenance };
    this.update([id], 'UPDATE run SET environment = ? WHERE id = ?', JSON.stringify(environment));
  }

  setTags(id: string, tags: readonly string[]): void {
    this.get(id);
    this.#db.prepare('DELETE FROM run_tag WHERE run_id = ?').run(id);
    const add = this.#db.prepare('INSERT INTO run_tag (run_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING');
    for (const tag of tags) add.run(id, tag);
  }
}

const unknownRun = (id: string) => new UserError('unknown-run', `there is no run ${show(id)}`, 'run');

/** `value_num` and `value_text` of a setting; exactly one of them is set. */
function settingColumns(value: unknown): [number | null, string | null] {
  if (typeof value === 'number') return [value, null];
  return [null, typeof value === 'string' ? value : JSON.stringify(value)];
}
