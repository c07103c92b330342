import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import type { ScalarSeries } from '../../shared/frames.ts';
import type { RunStore, StoredRun } from '../store/run-store.ts';
import { checkpointFile } from '../training/checkpoint.ts';
import { startingWeightsFile } from '../training/starting-weights.ts';
import { jsonFile, paths, type ArchivedRun } from './manifest.ts';
import { encodeMasks } from './masks.ts';
import { encodeMetrics } from './metrics.ts';
import type { Chunks, WrittenFile } from './zip-writer.ts';

/** A file of an archive. */
export interface Part {
  path: string;
  /** Its content from the beginning; can be called again. */
  open(): Chunks;
  /** Of a file that was hashed when it was stored. */
  sha256?: string;
}

/** Everything that is stored of a run, in a fixed order: the same run gives the same bytes. */
export function runParts(store: RunStore, folder: string, id: string): Part[] {
  const run = store.getRun(id);
  const checkpoints = store.readCheckpoints(id);
  const artifacts = store.artifacts.list(id);
  const contents = new Map(artifacts.map(({ sha256 }) => [paths.artifact(sha256), sha256]));
  const initial = startingWeightsFile(folder);
  return [
    { path: paths.run, open: () => [jsonFile(describe(store, run))] },
    { path: paths.config, open: () => [jsonFile(run.config)] },
    { path: paths.events, open: () => [jsonFile(store.readEvents(id))] },
    { path: paths.metrics, open: () => encodeMetrics(readAllSeries(store, id)) },
    { path: paths.masks, open: () => encodeMasks(store.readSnapshots(id)) },
    ...checkpoints
      .filter(({ step }) => existsSync(checkpointFile(folder, step)))
      .map(({ step, sha256 }) => ({
        ...{ path: paths.checkpoint(step), sha256 },
        open: () => createReadStream(checkpointFile(folder, step)),
      })),
    ...(existsSync(initial) ? [{ path: paths.initial, open: () => createReadStream(initial) }] : []),
    ...[...contents].map(([path, sha256]) => ({
      ...{ path, sha256 },
      open: () => createReadStream(store.artifacts.path(sha256)),
    })),
  ];
}

/** The parts as a manifest lists them, without writing them anywhere. */
export async function hashParts(parts: readonly Part[]): Promise<WrittenFile[]> {
  const files: WrittenFile[] = [];
  for (const { path, open } of parts) {
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const chunk of open()) {
      digest.update(chunk);
      bytes += chunk.byteLength;
    }
    files.push({ path, bytes, sha256: digest.digest('hex') });
  }
  return files;
}

function describe(store: RunStore, run: StoredRun): Record<keyof ArchivedRun, unknown> {
  const { id, name, project, state, reason, parentRunId, forkStep, configHash, notes, starred, tags } = run;
  // Says how the run came into this workspace, which is no part of it.
  const environment = { ...run.environment };
  delete environment.imported;
  const summary = store.readSummary(id);
  const text = (value: number) => (Number.isFinite(value) ? value : String(value));
  return {
    ...{
      id,
      name,
      project,
      state,
      reason,
      parentRunId,
      forkStep,
      configHash,
      environment,
      notes,
      starred,
      tags,
    },
    summary: summary && {
      ...summary,
      values: Object.fromEntries(Object.entries(summary.values).map(([key, value]) => [key, text(value)])),
    },
    ...{ createdMs: run.createdMs, startedMs: run.startedMs, endedMs: run.endedMs },
    checkpoints: store.readCheckpoints(id).map(({ step, bytes, sha256 }) => ({ step, bytes, sha256 })),
    artifacts: store.artifacts
      .list(id)
      .map(({ role, name, step, media, sha256 }) => ({ role, name, step, media, sha256 })),
  };
}

function readAllSeries(store: RunStore, id: string): ScalarSeries[] {
  return store.seriesKeys(id).map((key) => ({ key, ...store.readSeries(id, key) }));
}
