import { open } from 'node:fs/promises';
import { readSafetensorsLayout, safetensorsHeaderBytes, type TensorPlace } from '../../shared/safetensors.ts';
import { z } from 'zod';
import type { RunConfig } from '../../shared/run.ts';
import type { Slot } from '../backends/backend.ts';
import { analyse, type Analysis } from '../models/graph.ts';
import { modelById } from '../models/registry.ts';
import { checkpointFormat } from '../training/checkpoint.ts';
import { badArchive } from './zip-format.ts';

/** Graph, progress and tensor names of a checkpoint; more than any of our networks needs. */
const mostHeaderBytes = 32 << 20;

/** What a checkpoint keeps of a parameter besides its mask. */
const slots: readonly string[] = [
  ...(['value', 'momentum', 'dual', 'moment1', 'moment2', 'updates'] satisfies Slot[]),
];

const channels = z.array(z.number()).min(1).max(10_000);
const extent = z.number().int().min(1).max(1_000_000);
/** All of a graph that its run's config does not say. */
const graphSchema = z.object({
  input: z.object({ shape: z.tuple([extent, extent, extent]), scale: channels, shift: channels }),
  classes: z.number().int().min(1).max(1_000_000),
});
const progressSchema = z.object({
  step: z.number().int().min(0).max(0xffff_ffff),
  configHash: z.string(),
  datasetSha256: z.string(),
});

/** What a checkpoint says of itself. */
export type CheckpointHead = z.infer<typeof progressSchema> & { analysis: Analysis };

/**
 * Reads the header of an unpacked checkpoint: it must be one of ours, of the network that the config describes, and
 * every tensor of the size it has there. The data itself is only numbers, and stays on the disk.
 * @param path its name in the archive, for messages
 * @throws UserError `bad-archive`
 */
export async function checkCheckpoint(
  file: string,
  path: string,
  { model }: RunConfig,
): Promise<CheckpointHead> {
  const fail = (why: string, cause?: unknown) => badArchive(`${path}: ${why}`, cause);
  try {
    const { places, metadata } = await readLayout(file);
    if (metadata.format !== checkpointFormat) throw new Error('it is not a checkpoint of Filigree');
    const progress = progressSchema.parse(JSON.parse(metadata.progress));
    const { input, classes } = graphSchema.parse(JSON.parse(metadata.graph));
    const graph = modelById(model.id).build(model.values, input, classes);
    if (
      JSON.stringify(graph) !== metadata.graph ||
      input.scale.length !== input.shape[0] ||
      input.shift.length !== input.shape[0]
    )
      throw new Error('its network is not the one of the config');
    const analysis = analyse(graph);
    checkTensors(places, analysis);
    return { ...progress, analysis };
  } catch (error) {
    throw fail((error as Error).message, error);
  }
}

async function readLayout(file: string) {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, 8));
    await handle.read(head, 0, head.length, 0);
    const headerBytes = safetensorsHeaderBytes(head);
    if (headerBytes > mostHeaderBytes) throw new Error(`its header has ${headerBytes} bytes`);
    const header = Buffer.alloc(Math.min(size, headerBytes));
    await handle.read(header, 0, header.length, 0);
    return readSafetensorsLayout(header, size);
  } finally {
    await handle.close();
  }
}

function checkTensors(places: readonly TensorPlace[], { parameters, buffers }: Analysis): void {
  const fail = (name: string, why: string) => new Error(`its tensor ${name} ${why}`);
  const shapes = new Map<string, readonly number[]>(parameters.map(({ name, shape }) => [name, shape]));
  const sizes = new Map(buffers.map(({ name, size }) => [name, [size]]));
  const missing = new Set([...shapes.keys()].map((name) => `value/${name}`));
  for (const name of sizes.keys()) missing.add(`buffer/${name}`);
  for (const { name, dtype, shape } of places) {
    const at = name.indexOf('/');
    const [kind, target] = [name.slice(0, at), name.slice(at + 1)];
    // A method reads its own state, of sizes that only it knows.
    if (kind === 'method') continue;
    const wanted = kind === 'buffer' ? sizes.get(target) : shapes.get(target);
    if (!wanted || !['mask', 'buffer', ...slots].includes(kind))
      throw fail(name, 'is no part of its network');
    if (dtype !== (kind === 'mask' ? 'U8' : 'F32')) throw fail(name, `has type ${dtype}`);
    if (shape.join() !== wanted.join())
      throw fail(name, `has shape ${shape.join('×')} instead of ${wanted.join('×')}`);
    missing.delete(name);
  }
  for (const name of missing) throw fail(name, 'is missing');
}
