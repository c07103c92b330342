import type { RunRow } from '../../shared/run-view.ts';
import { isLive } from '../../shared/run-state.ts';

export interface RunProgress {
  row: RunRow;
  /** 0..1; undefined while the number of steps is unknown. */
  fraction: number | undefined;
  /** Milliseconds to the end at the speed since the run was last started or continued. */
  etaMs: number | undefined;
}

interface Sample {
  step: number;
  atMs: number;
}

/** How far live runs are, for places that show it outside the window: the task bar and the terminal. */
export class LiveProgress {
  readonly #runs = new Map<string, RunProgress>();
  readonly #since = new Map<string, Sample>();

  /** @returns the rows whose state differs from what was known */
  update(rows: readonly RunRow[], nowMs = Date.now()): RunRow[] {
    const changed = rows.filter((row) => this.#runs.get(row.id)?.row.state !== row.state);
    for (const row of rows) {
      if (isLive(row.state)) this.#runs.set(row.id, this.#measure(row, nowMs));
      else {
        this.#runs.delete(row.id);
        this.#since.delete(row.id);
      }
    }
    return changed;
  }

  get runs(): RunProgress[] {
    return [...this.#runs.values()];
  }

  /** Mean over the runs whose length is known; undefined if there is none. */
  get fraction(): number | undefined {
    const known = this.runs.flatMap(({ fraction }) => (fraction === undefined ? [] : [fraction]));
    return known.length === 0 ? undefined : known.reduce((sum, f) => sum + f, 0) / known.length;
  }

  #measure(row: RunRow, nowMs: number): RunProgress {
    const { step, totalSteps } = row;
    if (row.state !== 'running') this.#since.delete(row.id);
    else if (!this.#since.has(row.id)) this.#since.set(row.id, { step, atMs: nowMs });
    const since = this.#since.get(row.id);
    const done = since ? step - since.step : 0;
    const remaining = totalSteps === undefined ? undefined : Math.max(0, totalSteps - step);
    return {
      row,
      fraction: totalSteps ? Math.min(1, step / totalSteps) : undefined,
      etaMs: remaining !== undefined && done > 0 ? (remaining * (nowMs - since!.atMs)) / done : undefined,
    };
  }
}
