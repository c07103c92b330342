import type { Database } from 'better-sqlite3';
import type { CheckpointFrame, EventFrame, LayerSummary } from '../../shared/frames.ts';

export interface StoredEvent extends Omit<EventFrame, 'type'> {
  timeMs: number;
}

export type StoredCheckpoint = Omit<CheckpointFrame, 'type'>;

export interface RunSummary {
  values: Record<string, number>;
  layers: LayerSummary[];
}

/**
 * What a run reports besides points and masks: events, checkpoints and, at its end, a summary. Writers are called
 * inside the caller's transaction.
 */
export class Journal {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      addEvent: db.prepare(
        'INSERT INTO event (run_id, time_ms, step, level, kind, text) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      events: db.prepare<[string], StoredEvent>(
        'SELECT time_ms AS timeMs, step, level, kind, text FROM event WHERE run_id = ? ORDER BY id',
      ),
      dropEvents: db.prepare('DELETE FROM event WHERE run_id = ? AND step >= ?'),
      addCheckpoint: db.prepare(
        'INSERT OR REPLACE INTO checkpoint (run_id, step, file, bytes, sha256, time_ms) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      checkpoints: db.prepare<[string], StoredCheckpoint>(
        'SELECT step, file, bytes, sha256 FROM checkpoint WHERE run_id = ? ORDER BY step DESC',
      ),
      dropCheckpoints: db.prepare('DELETE FROM checkpoint WHERE run_id = ? AND step > ?'),
      setSummary: db.prepare('UPDATE run SET summary = ? WHERE id = ?'),
    };
  }

  addEvent(runId: string, { step, level, kind, text }: Omit<EventFrame, 'type'>, timeMs = Date.now()): void {
    this.#sql.addEvent.run(runId, timeMs, step, level, kind, text);
  }

  events(runId: string): StoredEvent[] {
    return this.#sql.events.all(runId);
  }

  addCheckpoint(runId: string, { step, file, bytes, sha256 }: StoredCheckpoint): void {
    this.#sql.addCheckpoint.run(runId, step, file, bytes, sha256, Date.now());
  }

  checkpoints(runId: string): StoredCheckpoint[] {
    return this.#sql.checkpoints.all(runId);
  }

  setSummary(runId: string, summary: RunSummary): void {
    this.#sql.setSummary.run(writeSummary(summary), runId);
  }

  truncate(runId: string, step: number): void {
    this.#sql.dropEvents.run(runId, step);
    this.#sql.dropCheckpoints.run(runId, step);
    this.#sql.setSummary.run(null, runId);
  }
}

/** JSON has no NaN and no infinities: they are written as texts, which `Number` reads back. */
function writeSummary({ values, layers }: RunSummary): string {
  const texts = Object.entries(values).map(([key, value]) => [
    key,
    Number.isFinite(value) ? value : String(value),
  ]);
  return JSON.stringify({ values: Object.fromEntries(texts), layers });
}

/** Reads the column that `setSummary` writes. */
export function parseSummary(text: string): RunSummary {
  const { values, layers } = JSON.parse(text) as {
    values: Record<string, number | string>;
    layers: LayerSummary[];
  };
  return {
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value)])),
    layers,
  };
}
