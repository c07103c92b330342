import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Frame, ScalarSeries } from '../../shared/frames.ts';
import type { RunState } from '../../shared/run-state.ts';
import type { RunRow } from '../../shared/run-view.ts';
import { adoptRun, type StagedRun } from './adopt-run.ts';
import { ArtifactStore, type Freed } from './artifacts.ts';
import { backUpDaily, backupFolder } from './backups.ts';
import type { Points } from './chunk.ts';
import { explain, openDatabase } from './database.ts';
import {
  Journal,
  parseSummary,
  type RunSummary,
  type StoredCheckpoint,
  type StoredEvent,
} from './journal.ts';
import { RunFolders } from './run-folders.ts';
import { RunList } from './run-list.ts';
import { toStoredRun, type StoredRun } from './run-record.ts';
import { RunStates } from './run-states.ts';
import { RunTable, type NewRow, type NewRun, type RunFilter } from './run-table.ts';
import { SeriesTables, type SeriesSummary } from './series.ts';
import { SnapshotTable, type SnapshotInfo, type StoredSnapshot } from './snapshots.ts';

export type { NewRun, Points, RunFilter, RunSummary, SeriesSummary, SnapshotInfo, StoredEvent, StoredRun };
export type { StagedRun, StoredSnapshot };

/** A run and everything that is stored of it, as an archive holds it. */
export interface WholeRun {
  run: NewRow;
  summary: RunSummary | undefined;
  events: readonly StoredEvent[];
  series: readonly ScalarSeries[];
  /** By step. */
  masks: readonly StoredSnapshot[];
  checkpoints: readonly StoredCheckpoint[];
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
  readonly #runs: RunTable;
  readonly #states: RunStates;
  readonly #journal: Journal;
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
    this.#runs = new RunTable(db);
    this.#states = new RunStates(db, this.#runs);
    this.#journal = new Journal(db);
    this.#series = new SeriesTables(db);
    this.#snapshots = new SnapshotTable(db);
    this.artifacts = new ArtifactStore(db, join(dirname(path), 'artifacts'));
    this.#folders = new RunFolders(db, join(dirname(path), 'runs'));
    this.#list = new RunList(db);
  }

  /** Makes today's backup if there is none yet, then closes. */
  close(options: { backUp: boolean } = { backUp: true }): void {
    if (!this.#db.open) return;
    try {
      if (options.backUp) backUpDaily(this.#db, this.#path);
    } catch (error) {
      const reason = explain(error, backupFolder(this.#path)) as Error;
      this.#onWarning(`no backup of the run database was made: ${reason.message}`);
    }
    this.#db.close();
  }

  /** @returns the id of the new run, which is in state `draft`; ids sort by creation */
  createRun(run: NewRun): string {
    return this.#write(() => this.#runs.create(run));
  }

  /** Adds a run as it was elsewhere: all of it or, if a part is refused, nothing. */
  restoreRun({ run, summary, events, series, masks, checkpoints }: WholeRun): void {
    this.#write(() => {
      this.#runs.insert(run);
      if (summary) this.#journal.setSummary(run.id, summary);
      for (const event of events) this.#journal.addEvent(run.id, event, event.timeMs);
      for (const one of series) this.#series.append(run.id, one);
      for (const mask of masks)
        this.#snapshots.append(run.id, { type: 'topology', step: mask.step, layers: [mask] });
      for (const checkpoint of checkpoints) this.#journal.addCheckpoint(run.id, checkpoint);
    });
  }

  /**
   * Moves the run of a staged store into this one, in one transaction.
   * @returns the id it has here: its own, or a new one where that is taken
   */
  adoptRun(staged: StagedRun): string {
    return this.#read(() =>
      adoptRun(this.#db, staged, { folders: this.#folders, artifacts: this.artifacts }),
    );
  }

  /** The run that was imported with this content (`environment.imported.content`), also from the trash. */
  importedRun(content: string): string | undefined {
    const sql = "SELECT id FROM run WHERE json_extract(environment, '$.imported.content') = ?";
    return this.#read(() => this.#db.prepare<[string], string>(sql).pluck().get(content));
  }

  /**
   * Moves a run on; its present state again is no change. Entering `starting` makes this process its owner, and only
   * one process can: for a second one it is a bad transition.
   * @throws UserError `bad-transition`
   */
  setState(id: string, state: RunState, reason?: string): void {
    this.#write(() => this.#states.set(id, state, reason));
  }

  /** Adds what was found out while the run was prepared to its environment. */
  setProvenance(id: string, provenance: Record<string, unknown>): void {
    this.#write(() => this.#runs.setProvenance(id, provenance));
  }

  /** The owner says that it is alive; expected every few seconds. */
  heartbeat(id: string): void {
    this.#update(id, 'UPDATE run SET heartbeat_ms = ? WHERE id = ?', Date.now());
  }

  /** @returns the ids of runs that are now `lost`, because the process that drove them is gone */
  markOrphans(nowMs = Date.now()): string[] {
    return this.#write(() => this.#states.markOrphans(nowMs));
  }

  /** Stores frames in one transaction: all of them or, if one is refused, none. */
  appendFrames(id: string, frames: readonly Frame[]): void {
    this.#write(() => {
      this.#runs.get(id);
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
        return this.#journal.addEvent(id, frame);
      case 'state':
        return this.#states.set(id, frame.state, frame.reason);
      case 'checkpoint':
        return this.#journal.addCheckpoint(id, frame);
      case 'summary':
        return this.#journal.setSummary(id, frame);
    }
  }

  /**
   * Prepares a run for going on at `step`: points and events of that step and later are dropped, masks and
   * checkpoints after it (those of `step` are the state it goes on from). The training process makes them again.
   */
  truncateFrom(id: string, step: number): void {
    this.#write(() => {
      this.#runs.get(id);
      this.#series.truncate(id, step);
      this.#snapshots.truncate(id, step);
      this.#journal.truncate(id, step);
    });
  }

  /** Runs that meet every condition, newest first. */
  listRuns(filter: RunFilter = {}): StoredRun[] {
    return this.#read(() => this.#runs.list(filter));
  }

  getRun(id: string): StoredRun {
    return this.#read(() => toStoredRun(this.#runs.get(id)));
  }

  /** Rows for tables: all runs outside the trash, or the given ones wherever they are; newest first. */
  listRows(ids?: readonly string[]): RunRow[] {
    return this.#read(() => (ids ? this.#list.some(ids) : this.#list.all()));
  }

  childrenOf(id: string): string[] {
    return this.#read(() => this.#runs.childrenOf(id));
  }

  /** The runs that wait for a host to train them, in order. */
  waitingRuns(): string[] {
    return this.#read(() => this.#states.waiting());
  }

  /**
   * Puts a run, which must be `queued`, at the end of the waiting ones.
   * @throws UserError `not-queued`
   */
  appendToQueue(id: string): void {
    this.#write(() => this.#states.appendToQueue(id));
  }

  /** Brings the waiting runs into this order; ones that are not named keep theirs behind it, others are ignored. */
  reorderQueue(ids: readonly string[]): void {
    this.#write(() => this.#states.reorderQueue(ids));
  }

  /** Changes when another process has written to the database; our own writes do not count. */
  foreignVersion(): number {
    return this.#read(() => this.#db.pragma('data_version', { simple: true }) as number);
  }

  /** The state of every run outside the trash. */
  runStates(): Map<string, RunState> {
    return this.#read(() => this.#states.all());
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
    const { summary } = this.#read(() => this.#runs.get(id));
    return summary === null ? undefined : parseSummary(summary);
  }

  /** In the order they happened. */
  readEvents(id: string): StoredEvent[] {
    return this.#read(() => this.#journal.events(id));
  }

  /** Newest first. The training process keeps only the newest files; older rows are a record that they existed. */
  readCheckpoints(id: string): StoredCheckpoint[] {
    return this.#read(() => this.#journal.checkpoints(id));
  }

  listSnapshots(id: string): SnapshotInfo[] {
    return this.#read(() => this.#snapshots.list(id));
  }

  /** Every mask of a run with its bytes, by step. */
  readSnapshots(id: string): StoredSnapshot[] {
    return this.#read(() => this.#snapshots.all(id));
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
    this.#write(() => this.#runs.setTags(id, tags));
  }

  /**
   * Puts runs into the trash: they are kept whole, but no list shows them. Waiting ones become `stopped`.
   * @throws UserError `run-is-live` if one of them is running; then none is moved
   */
  moveToTrash(ids: readonly string[], nowMs = Date.now()): void {
    this.#write(() => {
      for (const id of ids) {
        this.#states.requireEnded(id);
        if (this.#runs.get(id).state === 'queued') this.#states.set(id, 'stopped');
      }
      this.#runs.update(ids, 'UPDATE run SET deleted_ms = ? WHERE id = ?', nowMs);
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
      for (const id of ids) this.#states.requireEnded(id);
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

  #update(id: string, sql: string, value: string | number | null): void {
    this.#updateAll([id], sql, value);
  }

  /** All of them or, if one does not exist, none. */
  #updateAll(ids: readonly string[], sql: string, value: string | number | null): void {
    this.#write(() => this.#runs.update(ids, sql, value));
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
