import type { Database } from 'better-sqlite3';
import { UserError } from '../../shared/errors.ts';
import { canTransition, isEnd, isLive, statesAfter, type RunState } from '../../shared/run-state.ts';
import { isGone, thisProcess, type Owner } from './owner.ts';
import type { RunRecord } from './run-record.ts';
import type { RunTable } from './run-table.ts';

/**
 * The states of runs: who drives them, which of them wait and in which order. Writers are called inside the caller's
 * transaction.
 */
export class RunStates {
  readonly #db: Database;
  readonly #runs: RunTable;

  constructor(db: Database, runs: RunTable) {
    this.#db = db;
    this.#runs = runs;
  }

  /** The state of every run outside the trash. */
  all(): Map<string, RunState> {
    const sql = 'SELECT id, state FROM run WHERE deleted_ms IS NULL';
    return new Map(this.#db.prepare<[]>(sql).raw().all() as [string, RunState][]);
  }

  /** @throws UserError `bad-transition` */
  set(id: string, state: RunState, reason?: string): void {
    const { state: before } = this.#runs.get(id);
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

  /** @throws UserError `run-is-live` */
  requireEnded(id: string): void {
    const { state } = this.#runs.get(id);
    if (isLive(state))
      throw new UserError('run-is-live', `run ${id} is ${state}; stop it before deleting it`);
  }

  markOrphans(nowMs: number): string[] {
    const rows = this.#db
      .prepare<[], Pick<RunRecord, 'id' | 'state' | 'owner' | 'heartbeat_ms'>>(
        'SELECT id, state, owner, heartbeat_ms FROM run WHERE owner IS NOT NULL',
      )
      .all();
    const orphans = rows.filter(
      (row) => isLive(row.state) && isGone(JSON.parse(row.owner!) as Owner, row.heartbeat_ms ?? 0, nowMs),
    );
    for (const { id } of orphans) this.set(id, 'lost', 'the process that ran it went away');
    return orphans.map(({ id }) => id);
  }

  waiting(): string[] {
    const sql = `SELECT id FROM run WHERE state = 'queued' AND queue_position IS NOT NULL ORDER BY queue_position, id`;
    return this.#db.prepare<[], string>(sql).pluck().all();
  }

  /** @throws UserError `not-queued` */
  appendToQueue(id: string): void {
    const { state } = this.#runs.get(id);
    if (state !== 'queued') throw new UserError('not-queued', `run ${id} is ${state} and cannot wait`);
    this.#setQueue([...this.waiting().filter((other) => other !== id), id]);
  }

  reorderQueue(ids: readonly string[]): void {
    const waiting = new Set(this.waiting());
    const named = ids.filter((id) => waiting.has(id));
    this.#setQueue([...new Set([...named, ...waiting])]);
  }

  #setQueue(ids: readonly string[]): void {
    const place = this.#db.prepare('UPDATE run SET queue_position = ? WHERE id = ?');
    ids.forEach((id, position) => place.run(position, id));
  }
}
