import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';
import type { StartingWeights } from '../../shared/run.ts';
import { writeFileAtomic } from '../store/atomic-write.ts';
import type { RunStore } from '../store/run-store.ts';
import { checkpointFile } from '../training/checkpoint.ts';
import { sha256Of, startingWeightsFile } from '../training/starting-weights.ts';
import type { Workspace } from './workspace.ts';

/** Weights that were found, and what a config says of them. */
export interface FoundWeights {
  start: StartingWeights;
  bytes: Uint8Array;
}

/**
 * The checkpoint of a run at a step, to start another run from.
 * @throws UserError `no-checkpoint` naming the steps there are
 */
export async function checkpointToStartFrom(
  store: RunStore,
  workspace: Workspace,
  run: string,
  step: number,
): Promise<FoundWeights> {
  const folder = workspace.runFolder(run);
  const bytes = await read(checkpointFile(folder, step));
  if (bytes) return { start: { run, step, sha256: sha256Of(bytes) }, bytes };
  const steps = store
    .readCheckpoints(run)
    .map((checkpoint) => checkpoint.step)
    .filter((kept) => existsSync(checkpointFile(folder, kept)));
  const there = steps.length > 0 ? `it has those of steps ${steps.join(', ')}` : 'it has none';
  throw new UserError('no-checkpoint', `run ${run} has no checkpoint of step ${step}; ${there}`, 'fromStep');
}

/**
 * The weights that a config already names, for a copy of a run that started from another one.
 * @param from a run that was started from the same weights, if there is one
 * @throws UserError `no-checkpoint` if they are nowhere any more
 */
export async function namedWeights(
  workspace: Workspace,
  start: StartingWeights,
  from: string | undefined,
): Promise<FoundWeights> {
  const places = [
    ...(from ? [startingWeightsFile(workspace.runFolder(from))] : []),
    checkpointFile(workspace.runFolder(start.run), start.step),
  ];
  for (const place of places) {
    const bytes = await read(place);
    if (bytes && sha256Of(bytes) === start.sha256) return { start, bytes };
  }
  throw new UserError(
    'no-checkpoint',
    `start: the checkpoint of run ${start.run} at step ${start.step} is not kept any more; start from fresh weights`,
    'start',
  );
}

/** Puts the weights into a new run's folder. */
export async function keepStartingWeights(
  workspace: Workspace,
  id: string,
  bytes: Uint8Array,
): Promise<void> {
  await writeFileAtomic(startingWeightsFile(workspace.runFolder(id)), bytes);
}

const read = (file: string) => readFile(file).catch(() => undefined);
