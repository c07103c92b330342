import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../shared/safetensors.ts';
import type { Network, Slot } from '../backends/backend.ts';
import type { StateValue } from '../methods/method.ts';
import type { Graph } from '../models/graph.ts';
import { writeFileAtomic } from '../store/atomic-write.ts';

/** Everything besides tensors that a run needs to go on bit-identically. */
export interface Progress {
  configHash: string;
  datasetSha256: string;
  step: number;
  wallMs: number;
  clock: Record<string, number>;
  random: Record<string, unknown>;
  loader: unknown;
  flops: unknown;
  method: unknown;
  recorder: unknown;
}

export const checkpointFormat = 'filigree-checkpoint-1';

/**
 * Writes the whole state of a run as one safetensors file, atomically: a crash leaves the previous checkpoint whole.
 * Tensors: `mask/<parameter>`, `<slot>/<parameter>`, `buffer/<name>`, `method/<path>`; the rest is metadata.
 * @returns the file, its size in bytes and its SHA-256
 * @throws UserError `diverged` if a weight is not finite: a good checkpoint is never replaced by a broken one
 */
export async function writeCheckpoint(
  folder: string,
  network: Network,
  progress: Progress,
): Promise<{ file: string; bytes: number; sha256: string }> {
  const tensors: Tensor[] = [];
  for (const parameter of network.parameters) {
    const shape = [...parameter.shape];
    if (parameter.sparse) {
      tensors.push({
        name: `mask/${parameter.name}`,
        dtype: 'U8',
        shape,
        data: await network.readMask(parameter.name),
      });
    }
    for (const slot of checkpointSlots(network)) {
      const data = await network.read(parameter.name, slot);
      if (slot === 'value' && !data.every(Number.isFinite)) {
        throw new UserError('diverged', `${parameter.name} holds a weight that is not finite`);
      }
      tensors.push({ name: `${slot}/${parameter.name}`, dtype: 'F32', shape, data });
    }
  }
  for (const buffer of network.buffers) {
    const data = await network.read(buffer.name, 'value');
    tensors.push({ name: `buffer/${buffer.name}`, dtype: 'F32', shape: [buffer.size], data });
  }
  const method = extractTensors(progress.method as StateValue, 'method', tensors);
  const bytes = encodeSafetensors(tensors, {
    format: checkpointFormat,
    graph: JSON.stringify(network.graph),
    progress: JSON.stringify({ ...progress, method }),
  });
  const file = checkpointFile(folder, progress.step);
  await writeFileAtomic(file, bytes);
  await removeOlder(folder, 2);
  return { file, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export const checkpointFile = (folder: string, step: number) =>
  join(folder, `checkpoint-${String(step).padStart(9, '0')}.safetensors`);

/** Gradients are recomputed by the next step; everything else that a rule has touched is state. */
function checkpointSlots(network: Network): Slot[] {
  return network.usedSlots().filter((slot) => slot !== 'gradient');
}

async function removeOlder(folder: string, keep: number): Promise<void> {
  const files = await checkpointFiles(folder);
  await Promise.all(files.slice(keep).map((file) => rm(join(folder, file), { force: true })));
}

/** For a run that goes on from `step`: what comes after it will be made again. */
export async function removeNewerCheckpoints(folder: string, step: number): Promise<void> {
  const newest = basename(checkpointFile(folder, step));
  const newer = (await checkpointFiles(folder)).filter((name) => name > newest);
  await Promise.all(newer.map((name) => rm(join(folder, name), { force: true })));
}

/** Names of the checkpoints in a run's folder, newest first. */
async function checkpointFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^checkpoint-\d+\.safetensors$/.test(name))
    .sort()
    .reverse();
}

/** False for a run that ended before its first checkpoint: it can only start over. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return (await checkpointFiles(folder)).length > 0;
}

/**
 * Reads the newest checkpoint of a run's folder that is whole; a damaged one is passed over in favour of the one before.
 * @param preferred steps whose checkpoints come first, if there are any of them
 * @throws UserError `no-checkpoint` if there is none
 */
export async function readNewestCheckpoint(
  folder: string,
  preferred: readonly number[] = [],
): Promise<LoadedCheckpoint> {
  const damage: string[] = [];
  const names = await checkpointFiles(folder);
  const first = new Set(preferred.map((step) => basename(checkpointFile(folder, step))));
  for (const name of [...names.filter((n) => first.has(n)), ...names.filter((n) => !first.has(n))]) {
    try {
      return await readCheckpoint(join(folder, name));
    } catch (error) {
      damage.push(`${name}: ${(error as Error).message}`);
    }
  }
  const why = damage.length > 0 ? ` (damaged: ${damage.join('; ')})` : '';
  throw new UserError('no-checkpoint', `${folder} holds no usable checkpoint${why}`);
}

export interface LoadedCheckpoint {
  file: string;
  /** The network as it was compiled, so that weights can be used without the data set at hand. */
  graph: Graph;
  progress: Progress;
  tensors: ReadonlyMap<string, Tensor>;
}

/** @throws UserError `bad-checkpoint` if the file is not one of ours or is damaged */
export async function readCheckpoint(file: string): Promise<LoadedCheckpoint> {
  return decodeCheckpoint(file, await readFile(file));
}

/** @param file where the bytes are from, for messages */
export function decodeCheckpoint(file: string, bytes: Uint8Array): LoadedCheckpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.format !== checkpointFormat)
    throw new UserError('bad-checkpoint', `${file} is not a Filigree checkpoint`);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const progress = JSON.parse(metadata.progress) as Progress;
  return {
    file,
    graph: JSON.parse(metadata.graph) as Graph,
    progress: { ...progress, method: insertTensors(progress.method as StateValue, byName) },
    tensors: byName,
  };
}

/** Puts masks, weights, optimiser state and batch-norm statistics back. Masks first: writing one clears its weights. */
export async function restoreNetwork(network: Network, checkpoint: LoadedCheckpoint): Promise<void> {
  const data = <T>(name: string): T => {
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) throw new UserError('bad-checkpoint', `${checkpoint.file} lacks the tensor ${name}`);
    return tensor.data as T;
  };
  for (const parameter of network.parameters) {
    if (parameter.sparse) await network.writeMask(parameter.name, data<Uint8Array>(`mask/${parameter.name}`));
  }
  for (const name of checkpoint.tensors.keys()) {
    const [kind, ...rest] = name.split('/');
    const target = rest.join('/');
    if (kind === 'buffer') await network.write(target, 'value', data<Float32Array>(name));
    else if (kind !== 'mask' && kind !== 'method')
      await network.write(target, kind as Slot, data<Float32Array>(name));
  }
}

/** Moves typed arrays of a method's state into tensors and leaves `{ $tensor: name }` in their place. */
function extractTensors(value: StateValue, path: string, tensors: Tensor[]): unknown {
  if (value instanceof Float32Array || value instanceof Uint8Array) {
    tensors.push({
      name: path,
      dtype: value instanceof Uint8Array ? 'U8' : 'F32',
      shape: [value.length],
      data: value,
    });
    return { $tensor: path };
  }
  if (Array.isArray(value)) return value.map((item, i) => extractTensors(item, `${path}/${i}`, tensors));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, extractTensors(item, `${path}/${key}`, tensors)]),
  );
}

function insertTensors(value: unknown, tensors: ReadonlyMap<string, Tensor>): StateValue {
  if (Array.isArray(value)) return value.map((item) => insertTensors(item, tensors));
  if (typeof value !== 'object' || value === null) return value as StateValue;
  if ('$tensor' in value) return tensors.get(value.$tensor as string)!.data as Float32Array | Uint8Array;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, insertTensors(item, tensors)]));
}
