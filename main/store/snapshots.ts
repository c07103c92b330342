import type { Database } from 'better-sqlite3';
import type { MaskSnapshot, TopologyFrame } from '../../shared/frames.ts';
import { UserError } from '../../shared/errors.ts';

/** A stored mask without its bytes: enough for a time slider and a density curve. */
export interface SnapshotInfo {
  layer: string;
  step: number;
  rows: number;
  columns: number;
  nnz: number;
}

/** A stored mask; only the topology code can read `data`. */
export type StoredSnapshot = MaskSnapshot & { step: number };

/** The mask table. Writers are called inside the caller's transaction. */
export class SnapshotTable {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      put: db.prepare(
        `INSERT OR REPLACE INTO mask_snapshot (run_id, layer, step, rows, columns, nnz, encoding, base_step, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      truncate: db.prepare('DELETE FROM mask_snapshot WHERE run_id = ? AND step > ?'),
      list: db.prepare<[string], SnapshotInfo>(
        'SELECT layer, step, rows, columns, nnz FROM mask_snapshot WHERE run_id = ? ORDER BY step, layer',
      ),
      all: db.prepare<[string], SnapshotRow>(
        'SELECT * FROM mask_snapshot WHERE run_id = ? ORDER BY step, layer',
      ),
      newest: db.prepare<[string, string, number], SnapshotRow>(
        'SELECT * FROM mask_snapshot WHERE run_id = ? AND layer = ? AND step <= ? ORDER BY step DESC LIMIT 1',
      ),
      at: db.prepare<[string, string, number], SnapshotRow>(
        'SELECT * FROM mask_snapshot WHERE run_id = ? AND layer = ? AND step = ?',
      ),
    };
  }

  append(runId: string, { step, layers }: TopologyFrame): void {
    for (const { name, rows, columns, nnz, encoding, baseStep, data } of layers) {
      if (baseStep !== undefined && !(baseStep < step)) {
        throw new Error(
          `mask of ${name} at step ${step}: its base, step ${baseStep}, does not come before it`,
        );
      }
      this.#sql.put.run(runId, name, step, rows, columns, nnz, encoding, baseStep, data);
    }
  }

  truncate(runId: string, step: number): void {
    this.#sql.truncate.run(runId, step);
  }

  list(runId: string): SnapshotInfo[] {
    return this.#sql.list.all(runId);
  }

  /** Every snapshot with its bytes, by step. */
  all(runId: string): StoredSnapshot[] {
    return this.#sql.all.all(runId).map(toSnapshot);
  }

  /**
   * What is needed to rebuild a layer's mask as it was at `step`: a key frame, then its differences in order.
   * @throws UserError `no-snapshot` if there is none at or before that step
   */
  chain(runId: string, layer: string, step: number): StoredSnapshot[] {
    let row = this.#sql.newest.get(runId, layer, step);
    if (!row) {
      const text = `run ${runId} has no mask of layer ${layer} at or before step ${step}`;
      throw new UserError('no-snapshot', text, 'step');
    }
    const chain = [toSnapshot(row)];
    while (row.base_step !== null) {
      const base = this.#sql.at.get(runId, layer, row.base_step);
      if (!base)
        throw new Error(
          `mask of ${layer} at step ${row.step} needs the one of step ${row.base_step}: not there`,
        );
      row = base;
      chain.unshift(toSnapshot(row));
    }
    return chain;
  }
}

interface SnapshotRow extends SnapshotInfo {
  encoding: string;
  base_step: number | null;
  data: Uint8Array;
}

function toSnapshot({
  layer,
  step,
  rows,
  columns,
  nnz,
  encoding,
  base_step,
  data,
}: SnapshotRow): StoredSnapshot {
  const base = base_step === null ? {} : { baseStep: base_step };
  return { name: layer, step, rows, columns, nnz, encoding, ...base, data: new Uint8Array(data) };
}
