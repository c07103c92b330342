import type { Database } from 'better-sqlite3';
import type { ScalarSeries } from '../../shared/frames.ts';
import {
  chunkSize,
  decodeChunks,
  emptyPoints,
  encodeChunk,
  lowerBound,
  slicePoints,
  type Points,
  type StoredChunk,
} from './chunk.ts';

type ChunkRow = StoredChunk & { seq: number; last_step: number };

/** What is known of a series without reading its points; extremes are over finite values, NaN while there are none. */
export interface SeriesSummary {
  n: number;
  nonFinite: number;
  last: number;
  lastStep: number;
  min: number;
  minStep: number | undefined;
  max: number;
  maxStep: number | undefined;
}

/** The metric tables. Writers are called inside the caller's transaction. */
export class SeriesTables {
  readonly #sql;

  constructor(db: Database) {
    const chunk =
      'SELECT seq, n, first_step, last_step, first_wall, data FROM metric_chunk WHERE series_id = ?';
    this.#sql = {
      addSeries: db.prepare('INSERT INTO series (run_id, key) VALUES (?, ?) ON CONFLICT DO NOTHING'),
      seriesId: db
        .prepare<[string, string], number>('SELECT id FROM series WHERE run_id = ? AND key = ?')
        .pluck(),
      ids: db.prepare<[string], number>('SELECT id FROM series WHERE run_id = ?').pluck(),
      keys: db.prepare<[string], string>('SELECT key FROM series WHERE run_id = ? ORDER BY key').pluck(),
      chunks: db.prepare<[number, number, number], ChunkRow>(
        `${chunk} AND last_step >= ? AND first_step <= ? ORDER BY seq`,
      ),
      lastChunk: db.prepare<[number], ChunkRow>(`${chunk} ORDER BY seq DESC LIMIT 1`),
      putChunk: db.prepare(
        `INSERT OR REPLACE INTO metric_chunk (series_id, seq, n, first_step, last_step, first_wall, data)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ),
      dropChunks: db.prepare('DELETE FROM metric_chunk WHERE series_id = ? AND seq >= ?'),
      summary: db.prepare<[number], SummaryRow>('SELECT * FROM metric_summary WHERE series_id = ?'),
      summaries: db.prepare<[string], SummaryRow & { key: string }>(
        'SELECT * FROM series JOIN metric_summary ON series_id = id WHERE run_id = ? ORDER BY key',
      ),
      putSummary: db.prepare(
        `INSERT OR REPLACE INTO metric_summary
         (series_id, n, non_finite, last, last_step, min, min_step, max, max_step) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      dropSeries: db.prepare('DELETE FROM series WHERE id = ?'),
    };
  }

  /** @throws Error naming the series if its columns differ in length or its steps are no counts or go back */
  append(runId: string, series: ScalarSeries): void {
    if (series.steps.length === 0) return;
    this.#sql.addSeries.run(runId, series.key);
    const id = this.#sql.seriesId.get(runId, series.key)!;
    const tail = this.#sql.lastChunk.get(id);
    checkPoints(series, tail?.last_step ?? 0);
    const isOpen = tail !== undefined && tail.n < chunkSize;
    const points = isOpen ? concat(decodeChunks([tail]), series) : series;
    this.#writeChunks(id, isOpen ? tail.seq : (tail?.seq ?? -1) + 1, points);
    this.#writeSummary(id, extendSummary(toSummary(this.#sql.summary.get(id)), series));
  }

  /** Drops every point with a step >= `step`; a series that loses all of them is gone. */
  truncate(runId: string, step: number): void {
    for (const id of this.#sql.ids.all(runId)) {
      const [first] = this.#sql.chunks.all(id, step, Infinity);
      if (!first) continue;
      this.#sql.dropChunks.run(id, first.seq);
      const points = decodeChunks([first]);
      const kept = lowerBound(points.steps, step);
      if (kept > 0) this.#writeChunks(id, first.seq, slicePoints(points, 0, kept));
      if (kept === 0 && first.seq === 0) this.#sql.dropSeries.run(id);
      else this.#writeSummary(id, extendSummary(undefined, this.#read(id, 0, Infinity)));
    }
  }

  keys(runId: string): string[] {
    return this.#sql.keys.all(runId);
  }

  /** Points with from <= step <= to; none if the series does not exist. */
  read(runId: string, key: string, from = 0, to = Infinity): Points {
    const id = this.#sql.seriesId.get(runId, key);
    return id === undefined ? emptyPoints(0) : this.#read(id, from, to);
  }

  summaries(runId: string): Record<string, SeriesSummary> {
    return Object.fromEntries(this.#sql.summaries.all(runId).map((row) => [row.key, toSummary(row)!]));
  }

  #read(id: number, from: number, to: number): Points {
    const points = decodeChunks(this.#sql.chunks.all(id, from, to));
    return slicePoints(points, lowerBound(points.steps, from), lowerBound(points.steps, Math.floor(to) + 1));
  }

  #writeChunks(id: number, firstSeq: number, points: Points): void {
    const n = points.steps.length;
    for (let at = 0, seq = firstSeq; at < n; at += chunkSize, seq++) {
      const part = slicePoints(points, at, Math.min(n, at + chunkSize));
      const { steps, wallMs } = part;
      const data = encodeChunk(part);
      this.#sql.putChunk.run(id, seq, steps.length, steps[0], steps[steps.length - 1], wallMs[0], data);
    }
  }

  #writeSummary(id: number, s: SeriesSummary): void {
    this.#sql.putSummary.run(id, s.n, s.nonFinite, s.last, s.lastStep, s.min, s.minStep, s.max, s.maxStep);
  }
}

interface SummaryRow {
  n: number;
  non_finite: number;
  last: number | null;
  last_step: number;
  min: number | null;
  min_step: number | null;
  max: number | null;
  max_step: number | null;
}

function toSummary(row: SummaryRow | undefined): SeriesSummary | undefined {
  return (
    row && {
      n: row.n,
      nonFinite: row.non_finite,
      last: row.last ?? NaN,
      lastStep: row.last_step,
      min: row.min ?? NaN,
      minStep: row.min_step ?? undefined,
      max: row.max ?? NaN,
      maxStep: row.max_step ?? undefined,
    }
  );
}

function extendSummary(before: SeriesSummary | undefined, { steps, values }: Points): SeriesSummary {
  const n = values.length;
  const after: SeriesSummary = before
    ? { ...before }
    : {
        n: 0,
        nonFinite: 0,
        last: NaN,
        lastStep: 0,
        min: NaN,
        minStep: undefined,
        max: NaN,
        maxStep: undefined,
      };
  after.n += n;
  after.last = values[n - 1];
  after.lastStep = steps[n - 1];
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(values[i])) {
      after.nonFinite++;
      continue;
    }
    if (!(values[i] >= after.min)) [after.min, after.minStep] = [values[i], steps[i]];
    if (!(values[i] <= after.max)) [after.max, after.maxStep] = [values[i], steps[i]];
  }
  return after;
}

function checkPoints({ key, steps, values, wallMs }: ScalarSeries, lastStep: number): void {
  if (values.length !== steps.length || wallMs.length !== steps.length) {
    throw new Error(
      `series ${key}: ${steps.length} steps, ${values.length} values, ${wallMs.length} wall times`,
    );
  }
  let before = lastStep;
  for (const step of steps) {
    if (!Number.isInteger(step) || step < 0 || step > 0xffffffff) {
      throw new Error(`series ${key}: step ${step} is not a count below 2^32`);
    }
    if (step < before) throw new Error(`series ${key}: step ${step} comes after step ${before}`);
    before = step;
  }
}

function concat(a: Points, b: Points): Points {
  const join = (x: Float64Array, y: Float64Array) => {
    const both = new Float64Array(x.length + y.length);
    both.set(x);
    both.set(y, x.length);
    return both;
  };
  return {
    steps: join(a.steps, b.steps),
    values: join(a.values, b.values),
    wallMs: join(a.wallMs, b.wallMs),
  };
}
