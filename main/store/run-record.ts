import type { RunConfig } from '../../shared/run.ts';
import type { RunState } from '../../shared/run-state.ts';

/** A run as it is listed: everything except its points, masks and events. */
export interface StoredRun {
  id: string;
  project: string;
  name: string;
  state: RunState;
  reason: string | undefined;
  parentRunId: string | undefined;
  forkStep: number | undefined;
  config: RunConfig;
  configHash: string;
  seed: number;
  /** What the run was made with: versions, commit, engine, host, data-set hash. */
  environment: Record<string, unknown>;
  notes: string;
  starred: boolean;
  archived: boolean;
  /** In the trash since then. */
  deletedMs: number | undefined;
  tags: string[];
  createdMs: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  heartbeatMs: number | undefined;
}

/** Selects `RunRecord`s; conditions on `run` and `project` may follow. */
export const selectRuns = `
SELECT run.*, project.name AS project,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tag WHERE run_id = run.id ORDER BY tag)) AS tags
FROM run JOIN project ON project.id = project_id`;

/** A row of the table, with its project's name and its tags as JSON. */
export interface RunRecord {
  id: string;
  project: string;
  name: string;
  state: RunState;
  reason: string | null;
  parent_run_id: string | null;
  fork_step: number | null;
  config: string;
  config_hash: string;
  seed: number;
  environment: string;
  summary: string | null;
  notes: string;
  starred: number;
  archived: number;
  deleted_ms: number | null;
  tags: string;
  created_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
  heartbeat_ms: number | null;
  owner: string | null;
}

export function toStoredRun(row: RunRecord): StoredRun {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    state: row.state,
    reason: row.reason ?? undefined,
    parentRunId: row.parent_run_id ?? undefined,
    forkStep: row.fork_step ?? undefined,
    config: JSON.parse(row.config) as RunConfig,
    configHash: row.config_hash,
    seed: row.seed,
    environment: JSON.parse(row.environment) as Record<string, unknown>,
    notes: row.notes,
    starred: row.starred === 1,
    archived: row.archived === 1,
    deletedMs: row.deleted_ms ?? undefined,
    tags: JSON.parse(row.tags) as string[],
    createdMs: row.created_ms,
    startedMs: row.started_ms ?? undefined,
    endedMs: row.ended_ms ?? undefined,
    heartbeatMs: row.heartbeat_ms ?? undefined,
  };
}

/**
 * The leaves of a config as rows of `param`: `method.lambda`, `model.widths`. A registry choice `{ id, values }` is
 * written as its id and its settings without the word `values`; lists stay one value.
 */
export function flattenConfig(config: object): Record<string, unknown> {
  const leaves: Record<string, unknown> = {};
  addLeaves(config, '', leaves);
  return leaves;
}

function addLeaves(value: object, path: string, leaves: Record<string, unknown>): void {
  for (const [name, item] of Object.entries(value)) {
    const here = name === 'values' ? path : joinPath(path, name);
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) addLeaves(item, here, leaves);
    else leaves[here] = item;
  }
}

const paths = new Map<string, Map<string, string>>();

/** Remembered, because joining texts is most of the time it takes to list thousands of runs. */
function joinPath(path: string, name: string): string {
  let below = paths.get(path);
  if (!below) paths.set(path, (below = new Map()));
  let joined = below.get(name);
  if (joined === undefined) below.set(name, (joined = path === '' ? name : `${path}.${name}`));
  return joined;
}
