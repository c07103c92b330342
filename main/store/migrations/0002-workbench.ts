/** What the workbench adds: archive, trash and a queue that outlives its host. */
export const workbench = `
ALTER TABLE run ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN deleted_ms INTEGER;      -- in the trash since; NULL outside it
ALTER TABLE run ADD COLUMN queue_position INTEGER;  -- order of the runs that wait for a host; NULL for all others

CREATE INDEX run_parent ON run(parent_run_id);

-- Runs whose row is gone and whose folder is still to be removed.
CREATE TABLE purged_run (
  run_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
`;
