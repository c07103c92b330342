/**
 * Runs and everything known about them. Times are milliseconds since 1970; `wall` counts from the start of a run.
 * SQLite stores NaN as NULL: columns that may hold it are nullable and read back as NaN.
 */
export const initial = `
CREATE TABLE project (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE run (
  id TEXT PRIMARY KEY,                 -- ULID: sorts by creation
  project_id INTEGER NOT NULL REFERENCES project(id),
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,                         -- why it failed or was lost
  parent_run_id TEXT REFERENCES run(id) ON DELETE SET NULL,
  fork_step INTEGER,
  config TEXT NOT NULL,                -- RunConfig as JSON, frozen
  config_hash TEXT NOT NULL,
  seed INTEGER NOT NULL,
  environment TEXT NOT NULL,           -- JSON: versions, commit, engine, host, data-set hash
  summary TEXT,                        -- JSON: values and layers of the last summary frame
  notes TEXT NOT NULL DEFAULT '',
  starred INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  ended_ms INTEGER,
  heartbeat_ms INTEGER,
  owner TEXT                           -- JSON: the process that drives the run
) STRICT, WITHOUT ROWID;
CREATE INDEX run_state ON run(state);
CREATE INDEX run_project ON run(project_id);

CREATE TABLE run_tag (
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run_id, tag)
) STRICT, WITHOUT ROWID;

-- The flattened config, one row per leaf: drives table columns, filters and parallel coordinates.
CREATE TABLE param (
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value_num REAL,
  value_text TEXT,
  PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX param_key ON param(key, value_text, value_num);

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  UNIQUE (run_id, key)
) STRICT;

CREATE TABLE metric_chunk (
  series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  first_wall REAL NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (series_id, seq)
) STRICT, WITHOUT ROWID;

-- Extremes are over finite values and NULL while there are none.
CREATE TABLE metric_summary (
  series_id INTEGER PRIMARY KEY REFERENCES series(id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  non_finite INTEGER NOT NULL,
  last REAL,
  last_step INTEGER NOT NULL,
  min REAL,
  min_step INTEGER,
  max REAL,
  max_step INTEGER
) STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  time_ms INTEGER NOT NULL,
  step INTEGER NOT NULL,
  level TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX event_run ON event(run_id, step);

CREATE TABLE mask_snapshot (
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  layer TEXT NOT NULL,
  step INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  columns INTEGER NOT NULL,
  nnz INTEGER NOT NULL,
  encoding TEXT NOT NULL,
  base_step INTEGER,                   -- NULL for a key frame
  data BLOB NOT NULL,
  PRIMARY KEY (run_id, layer, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  sha256 TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  media TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_artifact (
  run_id TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  step INTEGER,
  sha256 TEXT NOT NULL REFERENCES artifact(sha256),
  PRIMARY KEY (run_id, role, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_artifact_sha256 ON run_artifact(sha256);
`;
