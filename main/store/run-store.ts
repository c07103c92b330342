import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { UserError, show } from '../../shared/errors.ts';
import type { CheckpointFrame, EventFrame, Frame, LayerSummary } from '../../shared/frames.ts';
import type { RunConfig } from '../../shared/run.ts';
import { canTransition, isEnd, isLive, statesAfter, type RunState } from '../../shared/run-state.ts';
import type { RunRow } from '../../shared/run-view.ts';
import { ArtifactStore, type Freed } from './artifacts.ts';
import { backUpDaily, backupFolder } from './backups.ts';
import type { Points } from './chunk.ts';
import { explain, openDatabase } from './database.ts';
import { isGone, thisProcess, type Owner } from './owner.ts';
import { RunFolders } from './run-folders.ts';
import { RunList } from './run-list.ts';
import { flattenConfig, selectRuns, toStoredRun, type RunRecord, type StoredRun } from './run-record.ts';
import { SeriesTables, type SeriesSummary } from './series.ts';
import { SnapshotTable, type SnapshotInfo, type StoredSnapshot } from './snapshots.ts';
import { ulid } from './ulid.ts';

export type { Points, SeriesSummary, SnapshotInfo, StoredRun, StoredSnapshot };

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

export interface StoredEvent extends Omit<EventFrame, 'type'> {
  timeMs: number;
}

export interface RunSummary {
  values: Record<string, number>;
  layers: LayerSummary[];
}

/**
 * Everything known about runs, in one SQLite file: the only writer of it. All calls are synchronous; each one that
 * writes is one transaction, so a crash or a full disk leaves all of it or nothing.
 * Every method throws UserError `disk-full`, `busy-database` or `damaged-database` where that is the cause, and
 * `unknown-run` for an id that does not exist.
 */
export class RunStore {
  readonly artifacts: ArtifactStore;
  readonly #db: Database;
  readonly #path: string;
  readonly #onWarning: (text: string) => void;
  readonly #series: SeriesTables;
  readonly #snapshots: SnapshotTable;
  readonly #folders: RunFolders;
  readonly #list: RunList;

  /**
   * @param path the database file; artifacts and backups go into folders beside it
   * @param options.onWarning is told, in a sentence for the user, what needs attention but does not stop the work
   * @throws UserError if it cannot be opened; a damaged file is moved aside instead
   */
  static open(path: string, options: { onWarning?: (text: string) => void } = {}): RunStore {
    const onWarning = options.onWarning ?? ((text) => process.emitWarning(text));
    return new RunStore(openDatabase(path, onWarning), path, onWarning);
  }

  private constructor(db: Database, path: string, onWarning: (text: string) => void) {
    this.#db = db;
    this.#path = path;
    this.#onWarning = onWarning;
    this.#series = new SeriesTables(db);
    this.#snapshots = new SnapshotTable(db);
    this.artifacts = new ArtifactStore(db, join(dirname(path), 'artifacts'));
    this.#folders = new RunFolders(db, join(dirname(path), 'runs'));
    this.#list = new RunList(db);
  }

  /** Makes today's backup if there is none yet, then closes. */
  close(): void {
    if (!this.#db.open) return;
    try {
      backUpDaily(this.#db, this.#path);
    } catch (error) {
      const reason = explain(error, backupFolder(this.#path)) as Error;
      this.#onWarning(`no backup of the run database was made: ${reason.message}`);
    }
    this.#db.close();
  }

  /** @returns the id of the new run, which is in state `draft`; ids sort by creation */
  createRun(run: NewRun): string {
    return this.#write(() => {
      const id = ulid();
      const project = run.project ?? 'default';
      this.#db.prepare('INSERT INTO project (name) VALUES (?) ON CONFLICT DO NOTHING').run(project);
      this.#db
        .prepare(
          `INSERT INTO run (id, project_id, name, state, parent_run_id, fork_step, config, config_hash, seed,
             environment, created_ms)
           VALUES (@id, (SELECT id FROM project WHERE name = @project), @name, 'draft', @parentRunId, @forkStep,
             @config, @configHash, @seed, @environment, @now)`,
        )
        .run({
          id,
          project,
          name: run.config.name,
          parentRunId: run.parentRunId,
          forkStep: run.forkStep,
          config: JSON.stringify(run.config),
          configHash: run.configHash,
          seed: run.seed,
          environment: JSON.stringify(run.environment),
          now: Date.now(),
        });
      const add = this.#db.prepare(
        'INSERT INTO param (run_id, key, value_num, value_text) VALUES (?, ?, ?, ?)',
      );
      for (const [key, value] of Object.entries(flattenConfig(run.config))) add.run(id, key, ...settingColumns(value));
      return id;
    });
  }

  /**
   * Moves a run on; its present state again is no change. Entering `starting` makes this process its owner, and only
   * one process can: for a second one it is a bad transition.
   * @throws UserError `bad-transition`
   */
  setState(id: string, state: RunState, reason?: string): void {
    this.#write(() => this.#setState(id, state, reason));
  }

  #setState(id: string, state: RunState, reason: string | undefined): void {
    const { state: before } = this.#row(id);
    if (before === state && state !== 'starting') return;
    if (!canTransition(before, state)) {
      const next = statesAfter(before).join(', ') || 'nothing';
      throw new UserError(
        'bad-transition',
        `run ${id} is ${before} and cannot become ${state}, only ${next}`,
        'state',
      );
    }
    this.#db
      .prepare(
        `UPDATE run SET state = ?, reason = ?, heartbeat_ms = ?, ended_ms = ?, queue_position = NULL WHERE id = ?`,
      )
      .run(state, reason, Date.now(), isEnd(state) ? Date.now() : null, id);
    if (state !== 'starting') return;
    this.#db
      .prepare('UPDATE run SET owner = ?, started_ms = ifnull(started_ms, ?) WHERE id = ?')
      .run(JSON.stringify(thisProcess), Date.now(), id);
  }

  /** Adds what was found out while the run was prepared to its environment. */
  setProvenance(id: string, provenance: Record<string, unknown>): void {
    this.#write(() => {
      const environment = { ...(JSON.parse(this.#row(id).environment) as object), ...provenance };
      this.#db.prepare('UPDATE run SET environment = ? WHERE id = ?').run(JSON.stringify(environment), id);
    });
  }

  /** The owner says that it is alive; expected every few seconds. */
  heartbeat(id: string): void {
    this.#update(id, 'UPDATE run SET heartbeat_ms = ? WHERE id = ?', Date.now());
  }

  /** @returns the ids of runs that are now `lost`, because the process that drove them is gone */
  markOrphans(nowMs = Date.now()): string[] {
    return this.#write(() => {
      const rows = this.#db
        .prepare<[], Pick<RunRecord, 'id' | 'state' | 'owner' | 'heartbeat_ms'>>(
          'SELECT id, state, owner, heartbeat_ms FROM run WHERE owner IS NOT NULL',
        )
        .all();
      const orphans = rows.filter(
        (row) => isLive(row.state) && isGone(JSON.parse(row.owner!) as Owner, row.heartbeat_ms ?? 0, nowMs),
      );
      for (const { id } of orphans) this.#setState(id, 'lost', 'the process that ran it went away');
      return orphans.map(({ id }) => id);
    });
  }

  /** Stores frames in one transaction: all of them or, if one is refused, none. */
  appendFrames(id: string, frames: readonly Frame[]): void {
    this.#write(() => {
      this.#row(id);
      for (const frame of frames) this.#append(id, frame);
    });
  }

  #append(id: string, frame: Frame): void {
    switch (frame.type) {
      case 'scalars':
        for (const series of frame.series) this.#series.append(id, series);
        return;
      case 'topology':
        return this.#snapshots.append(id, frame);
      case 'event':
        this.#db
          .prepare('INSERT INTO event (run_id, time_ms, step, level, kind, text) VALUES (?, ?, ?, ?, ?, ?)')
          .run(id, Date.now(), frame.step, frame.level, frame.kind, frame.text);
        return;
      case 'state':
        return this.#setState(id, frame.state, frame.reason);
      case 'checkpoint':
        this.#db
          .prepare(
            'INSERT OR REPLACE INTO checkpoint (run_id, step, file, bytes, sha256, time_ms) VALUES (?, ?, ?, ?, ?, ?)',
          )
          .run(id, frame.step, frame.file, frame.bytes, frame.sha256, Date.now());
        return;
      case 'summary':
        this.#db.prepare('UPDATE run SET summary = ? WHERE id = ?').run(writeSummary(frame), id);
    }
  }

  /**
   * Prepares a run for going on at `step`: points and events of that step and later are dropped, masks and
   * checkpoints after it (those of `step` are the state it goes on from). The training process makes them again.
   */
  truncateFrom(id: string, step: number): void {
    this.#write(() => {
      this.#row(id);
      this.#series.truncate(id, step);
      this.#snapshots.truncate(id, step);
      this.#db.prepare('DELETE FROM event WHERE run_id = ? AND step >= ?').run(id, step);
      this.#db.prepare('DELETE FROM checkpoint WHERE run_id = ? AND step > ?').run(id, step);
      this.#db.prepare('UPDATE run SET summary = NULL WHERE id = ?').run(id);
    });
  }

  /** Runs that meet every condition, newest first. */
  listRuns(filter: RunFilter = {}): StoredRun[] {
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
    const clause = `WHERE ${conditions.join(' AND ')}`;
    return this.#read(() =>
      this.#db
        .prepare<unknown[], RunRecord>(`${selectRuns} ${clause} ORDER BY run.id DESC LIMIT ?`)
        .all(...values, filter.limit ?? -1)
        .map(toStoredRun),
    );
  }

  getRun(id: string): StoredRun {
    return this.#read(() => toStoredRun(this.#row(id)));
  }

  /** Rows for tables: all runs outside the trash, or the given ones wherever they are; newest first. */
  listRows(ids?: readonly string[]): RunRow[] {
    return this.#read(() => (ids ? this.#list.some(ids) : this.#list.all()));
  }

  childrenOf(id: string): string[] {
    const sql = 'SELECT id FROM run WHERE parent_run_id = ? AND deleted_ms IS NULL ORDER BY id';
    return this.#read(() => this.#db.prepare<[string], string>(sql).pluck().all(id));
  }

  /** The runs that wait for a host to train them, in order. */
  waitingRuns(): string[] {
    const sql = `SELECT id FROM run WHERE state = 'queued' AND queue_position IS NOT NULL ORDER BY queue_position, id`;
    return this.#read(() => this.#db.prepare<[], string>(sql).pluck().all());
  }

  /**
   * Puts a run, which must be `queued`, at the end of the waiting ones.
   * @throws UserError `not-queued`
   */
  appendToQueue(id: string): void {
    this.#write(() => {
      const { state } = this.#row(id);
      if (state !== 'queued') throw new UserError('not-queued', `run ${id} is ${state} and cannot wait`);
      this.#setQueue([...this.waitingRuns().filter((other) => other !== id), id]);
    });
  }

  /** Brings the waiting runs into this order; ones that are not named keep theirs behind it, others are ignored. */
  reorderQueue(ids: readonly string[]): void {
    this.#write(() => {
      const waiting = new Set(this.waitingRuns());
      const named = ids.filter((id) => waiting.has(id));
      this.#setQueue([...new Set([...named, ...waiting])]);
    });
  }

  #setQueue(ids: readonly string[]): void {
    const place = this.#db.prepare('UPDATE run SET queue_position = ? WHERE id = ?');
    ids.forEach((id, position) => place.run(position, id));
  }

  /** Changes when another process has written to the database; our own writes do not count. */
  foreignVersion(): number {
    return this.#read(() => this.#db.pragma('data_version', { simple: true }) as number);
  }

  /** The state of every run outside the trash. */
  runStates(): Map<string, RunState> {
    const sql = 'SELECT id, state FROM run WHERE deleted_ms IS NULL';
    return this.#read(() => new Map(this.#db.prepare<[]>(sql).raw().all() as [string, RunState][]));
  }

  seriesKeys(id: string): string[] {
    return this.#read(() => this.#series.keys(id));
  }

  /** Points with from <= step <= to, in order; none if the run has no such series. */
  readSeries(id: string, key: string, from?: number, to?: number): Points {
    return this.#read(() => this.#series.read(id, key, from, to));
  }

  seriesSummaries(id: string): Record<string, SeriesSummary> {
    return this.#read(() => this.#series.summaries(id));
  }

  /** The last value of every series. */
  latestMetrics(id: string): Record<string, number> {
    return Object.fromEntries(Object.entries(this.seriesSummaries(id)).map(([key, { last }]) => [key, last]));
  }

  readSummary(id: string): RunSummary | undefined {
    const { summary } = this.#read(() => this.#row(id));
    return summary === null ? undefined : parseSummary(summary);
  }

  /** In the order they happened. */
  readEvents(id: string): StoredEvent[] {
    const sql = 'SELECT time_ms AS timeMs, step, level, kind, text FROM event WHERE run_id = ? ORDER BY id';
    return this.#read(() => this.#db.prepare<[string], StoredEvent>(sql).all(id));
  }

  /** Newest first. The training process keeps only the newest files; older rows are a record that they existed. */
  readCheckpoints(id: string): Omit<CheckpointFrame, 'type'>[] {
    const sql = 'SELECT step, file, bytes, sha256 FROM checkpoint WHERE run_id = ? ORDER BY step DESC';
    return this.#read(() => this.#db.prepare<[string], Omit<CheckpointFrame, 'type'>>(sql).all(id));
  }

  listSnapshots(id: string): SnapshotInfo[] {
    return this.#read(() => this.#snapshots.list(id));
  }

  /**
   * The key frame and differences, in order, that give a layer's mask as it was at `step`.
   * @throws UserError `no-snapshot` if there is none at or before that step
   */
  snapshotChain(id: string, layer: string, step: number): StoredSnapshot[] {
    return this.#read(() => this.#snapshots.chain(id, layer, step));
  }

  setNotes(id: string, notes: string): void {
    this.#update(id, 'UPDATE run SET notes = ? WHERE id = ?', notes);
  }

  setStarred(ids: readonly string[], starred: boolean): void {
    this.#updateAll(ids, 'UPDATE run SET starred = ? WHERE id = ?', Number(starred));
  }

  setArchived(ids: readonly string[], archived: boolean): void {
    this.#updateAll(ids, 'UPDATE run SET archived = ? WHERE id = ?', Number(archived));
  }

  rename(id: string, name: string): void {
    this.#update(id, 'UPDATE run SET name = ? WHERE id = ?', name);
  }

  setTags(id: string, tags: readonly string[]): void {
    this.#write(() => {
      this.#row(id);
      this.#db.prepare('DELETE FROM run_tag WHERE run_id = ?').run(id);
      const add = this.#db.prepare('INSERT INTO run_tag (run_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING');
      for (const tag of tags) add.run(id, tag);
    });
  }

  /**
   * Puts runs into the trash: they are kept whole, but no list shows them. Waiting ones become `stopped`.
   * @throws UserError `run-is-live` if one of them is running; then none is moved
   */
  moveToTrash(ids: readonly string[], nowMs = Date.now()): void {
    this.#write(() => {
      for (const id of ids) {
        this.#requireEnded(id);
        if (this.#row(id).state === 'queued') this.#setState(id, 'stopped', undefined);
      }
      this.#updateAll(ids, 'UPDATE run SET deleted_ms = ? WHERE id = ?', nowMs);
    });
  }

  restoreFromTrash(ids: readonly string[]): void {
    this.#updateAll(ids, 'UPDATE run SET deleted_ms = ? WHERE id = ?', null);
  }

  /**
   * Deletes runs for good: rows, folders with checkpoints, and the artifacts that no other run refers to. Folders that
   * an interrupted deletion has left go with them.
   * @param options.dryRun only tells what would be freed
   * @throws UserError `run-is-live` if one of them is running
   */
  deleteRuns(ids: readonly string[], options: { dryRun: boolean }): Freed {
    const freed = this.#write(() => {
      for (const id of ids) this.#requireEnded(id);
      const freed = this.artifacts.onlyIn(ids);
      for (const id of new Set([...ids, ...this.#folders.purged()])) {
        const { files, bytes } = this.#folders.size(id);
        freed.files += files;
        freed.bytes += bytes;
      }
      if (options.dryRun) return freed;
      const remove = this.#db.prepare('DELETE FROM run WHERE id = ?');
      for (const id of ids) {
        remove.run(id);
        this.#folders.markPurged(id);
      }
      return freed;
    });
    if (!options.dryRun) {
      this.#read(() => {
        this.#folders.removePurged();
        this.artifacts.collectGarbage({ dryRun: false });
      });
    }
    return freed;
  }

  /** Checks every page, index and reference. @returns what is wrong, nothing if all is well */
  integrityCheck(): string[] {
    const problems = this.#db.pragma('integrity_check') as { integrity_check: string }[];
    const references = this.#db.pragma('foreign_key_check') as { table: string; parent: string }[];
    return [
      ...problems.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
      ...references.map(({ table, parent }) => `a row of ${table} refers to a missing row of ${parent}`),
    ];
  }

  #row(id: string): RunRecord {
    const row = this.#db.prepare<[string], RunRecord>(`${selectRuns} WHERE run.id = ?`).get(id);
    if (!row) throw unknownRun(id);
    return row;
  }

  #update(id: string, sql: string, value: string | number | null): void {
    this.#updateAll([id], sql, value);
  }

  /** All of them or, if one does not exist, none. */
  #updateAll(ids: readonly string[], sql: string, value: string | number | null): void {
    this.#write(() => {
      const update = this.#db.prepare(sql);
      for (const id of ids) if (update.run(value, id).changes === 0) throw unknownRun(id);
    });
  }

  #requireEnded(id: string): void {
    const { state } = this.#row(id);
    if (isLive(state))
      throw new UserError('run-is-live', `run ${id} is ${state}; stop it before deleting it`);
  }

  #write<T>(action: () => T): T {
    // Immediate: waiting for the write lock at the start cannot fail half-way, as upgrading a read lock can.
    return this.#read(() => this.#db.transaction(action).immediate());
  }

  #read<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw explain(error, this.#path);
    }
  }
}

const unknownRun = (id: string) => new UserError('unknown-run', `there is no run ${show(id)}`, 'run');

/** `value_num` and `value_text` of a setting; exactly one of them is set. */
function settingColumns(value: unknown): [number | null, string | null] {
  if (typeof value === 'number') return [value, null];
  return [null, typeof value === 'string' ? value : JSON.stringify(value)];
}

/** JSON has no NaN and no infinities: they are written as texts, which `Number` reads back. */
function writeSummary({ values, layers }: RunSummary): string {
  const texts = Object.entries(values).map(([key, value]) => [
    key,
    Number.isFinite(value) ? value : String(value),
  ]);
  return JSON.stringify({ values: Object.fromEntries(texts), layers });
}

function parseSummary(text: string): RunSummary {
  const { values, layers } = JSON.parse(text) as {
    values: Record<string, number | string>;
    layers: LayerSummary[];
  };
  return {
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value)])),
    layers,
  };
}
