import { join, sep } from 'node:path';
import type { Database } from 'better-sqlite3';
import { ArtifactStore } from './artifacts.ts';
import type { RunFolders } from './run-folders.ts';
import { ulid } from './ulid.ts';

/** A run in a store of its own: database, artifacts and run folder below one root, as in a workspace. */
export interface StagedRun {
  root: string;
  id: string;
  /** Its parent where it comes from; kept if that run is here too. */
  parentRunId: string | undefined;
}

/**
 * Moves a staged run into a database, its folder and its artifacts beside it. Rows are copied as they are, so this
 * takes a fraction of the time that writing them took. Killed at any moment, it leaves all of the run or none of it;
 * a folder or an artifact without a row is known garbage.
 * @returns the id of the run, a new one if a run or a run's folder has its own
 */
export function adoptRun(
  db: Database,
  staged: StagedRun,
  { folders, artifacts }: { folders: RunFolders; artifacts: ArtifactStore },
): string {
  folders.removePurged();
  db.prepare('ATTACH ? AS staged').run(join(staged.root, 'runs.sqlite'));
  try {
    artifacts.adoptFiles(new ArtifactStore(db, join(staged.root, 'artifacts')));
    const id = db
      .transaction(() => {
        const isTaken = db.prepare('SELECT 1 FROM main.run WHERE id = ?').get(staged.id) !== undefined;
        const id = isTaken || !folders.isFree(staged.id) ? ulid() : staged.id;
        folders.markPurged(id);
        return id;
      })
      .immediate();
    db.transaction(() => {
      copyRows(db, staged, id, folders.path(id) + sep);
      folders.adopt(id, join(staged.root, 'runs', staged.id));
    }).immediate();
    return id;
  } finally {
    db.exec('DETACH staged');
  }
}

const copied: readonly string[] = [
  'INSERT INTO main.project (name) SELECT name FROM staged.project WHERE true ON CONFLICT DO NOTHING',
  `INSERT INTO main.run (id, project_id, name, state, reason, fork_step, config, config_hash, seed, environment, summary,
     notes, starred, created_ms, started_ms, ended_ms)
   SELECT @id, here.id, run.name, state, reason, fork_step, config, config_hash, seed, environment, summary,
     notes, starred, created_ms, started_ms, ended_ms
   FROM staged.run JOIN staged.project ON project.id = project_id JOIN main.project here ON here.name = project.name`,
  `UPDATE main.run SET parent_run_id = (SELECT parent.id FROM main.run parent WHERE parent.id = @parentRunId)
   WHERE id = @id`,
  'INSERT INTO main.run_tag (run_id, tag) SELECT @id, tag FROM staged.run_tag',
  'INSERT INTO main.param (run_id, key, value_num, value_text) SELECT @id, key, value_num, value_text FROM staged.param',
  'INSERT INTO main.series (run_id, key) SELECT @id, key FROM staged.series ORDER BY id',
  `INSERT INTO main.metric_chunk (series_id, seq, n, first_step, last_step, first_wall, data)
   SELECT here.id, seq, n, first_step, last_step, first_wall, data
   FROM staged.metric_chunk JOIN staged.series ON series.id = series_id
   JOIN main.series here ON here.run_id = @id AND here.key = series.key`,
  `INSERT INTO main.metric_summary (series_id, n, non_finite, last, last_step, min, min_step, max, max_step)
   SELECT here.id, n, non_finite, last, last_step, min, min_step, max, max_step
   FROM staged.metric_summary JOIN staged.series ON series.id = series_id
   JOIN main.series here ON here.run_id = @id AND here.key = series.key`,
  `INSERT INTO main.event (run_id, time_ms, step, level, kind, text)
   SELECT @id, time_ms, step, level, kind, text FROM staged.event ORDER BY id`,
  `INSERT INTO main.mask_snapshot (run_id, layer, step, rows, columns, nnz, encoding, base_step, data)
   SELECT @id, layer, step, rows, columns, nnz, encoding, base_step, data FROM staged.mask_snapshot`,
  `INSERT INTO main.checkpoint (run_id, step, file, bytes, sha256, time_ms)
   SELECT @id, step, @folder || file, bytes, sha256, time_ms FROM staged.checkpoint`,
  'INSERT INTO main.artifact (sha256, bytes, media) SELECT sha256, bytes, media FROM staged.artifact WHERE true ON CONFLICT DO NOTHING',
  `INSERT INTO main.run_artifact (run_id, role, name, step, sha256)
   SELECT @id, role, name, step, sha256 FROM staged.run_artifact`,
];

function copyRows(db: Database, { parentRunId }: StagedRun, id: string, folder: string): void {
  const values = { id, folder, parentRunId: parentRunId ?? null };
  for (const sql of copied) {
    const named = Object.entries(values).filter(([name]) => new RegExp(`@${name}\\b`).test(sql));
    db.prepare(sql).run(Object.fromEntries(named));
  }
}
