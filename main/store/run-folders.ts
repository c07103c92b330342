import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Freed } from './artifacts.ts';

/**
 * The folders of runs, `runs/<id>` beside the database: checkpoints and initial weights. A folder goes after its row:
 * the row's deletion notes the id in `purged_run`, so that a crash in between leaves a folder that is known to be
 * garbage, and a folder without a row (after damage to the database) is never taken for one.
 */
export class RunFolders {
  readonly #db: Database;
  readonly #root: string;

  constructor(db: Database, root: string) {
    this.#db = db;
    this.#root = root;
  }

  /** Files and bytes in a run's folder. */
  size(id: string): Freed {
    const freed = { files: 0, bytes: 0 };
    const folder = join(this.#root, id);
    for (const name of listing(folder)) {
      freed.files++;
      freed.bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    }
    return freed;
  }

  /** To be called in the transaction that deletes the run's row. */
  markPurged(id: string): void {
    this.#db.prepare('INSERT INTO purged_run (run_id) VALUES (?) ON CONFLICT DO NOTHING').run(id);
  }

  /** Folders whose run is gone. */
  purged(): string[] {
    return this.#db.prepare<[], string>('SELECT run_id FROM purged_run').pluck().all();
  }

  /** Each under the write lock, so that an id that is being given to an imported run is not taken for a purged one. */
  removePurged(): void {
    const forget = this.#db.prepare('DELETE FROM purged_run WHERE run_id = ?');
    const remove = this.#db.transaction((id: string) => {
      if (forget.run(id).changes > 0) rmSync(join(this.#root, id), { recursive: true, force: true });
    });
    for (const id of this.purged()) remove.immediate(id);
  }

  path(id: string): string {
    return join(this.#root, id);
  }

  /** False where there is a folder that may be all that is left of a run. */
  isFree(id: string): boolean {
    return !existsSync(join(this.#root, id)) || this.purged().includes(id);
  }

  /**
   * Makes another folder the one of a run. To be called as the last action of the transaction that adds the run's row,
   * whose id was marked purged before: whatever interrupts it leaves no folder but known garbage.
   */
  adopt(id: string, folder: string): void {
    const target = join(this.#root, id);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(this.#root, { recursive: true });
    renameSync(folder, target);
    this.#db.prepare('DELETE FROM purged_run WHERE run_id = ?').run(id);
  }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
