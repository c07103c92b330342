import { basename } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { ExportCheck, ForwardCheck } from '../../shared/export-result.ts';
import { analyse } from '../models/graph.ts';
import { RuntimeMissing, type Exporter, type HeldArray, type ReadFiles, type Samples } from './exporter.ts';
import { inferWithEngine, noiseSamples } from './inference.ts';
import { namedTensors, type NamedTensor, type TrainedModel } from './trained-model.ts';

export interface CheckedExport {
  path: string;
  /** What was written. */
  model: TrainedModel;
  /** The model before any transform: its logits are what the file must yield. */
  original: TrainedModel;
  samples: Samples | undefined;
}

/** Two engines add float32 numbers in different orders; what that changes grows with the logits. */
const relativeTolerance = 1e-5;

/**
 * Reads an export back: every array must be as it is in the model, and the forward pass from the file must yield the
 * logits of the original model.
 * @param files by name, the main one first
 * @throws UserError `bad-export` saying what differs
 */
export async function checkExport(
  exporter: Exporter,
  files: ReadonlyMap<string, Uint8Array>,
  checked: CheckedExport,
): Promise<ExportCheck> {
  const { path, model } = checked;
  const read: ReadFiles = {
    main: [...files.values()][0],
    beside(name) {
      const file = files.get(name);
      if (!file) throw new Error(`${name} is not one of the files`);
      return file;
    },
  };
  const arrays = decode(exporter, read, path);
  requireSameArrays(arrays, exporter.holds?.(model) ?? namedTensors(model), path);
  const nonzero = arrays.reduce((sum, { values }) => sum + countNonzero(values), 0);
  const held = { arrays: arrays.length, nonzero };
  return exporter.holds ? held : { ...held, forward: await checkForward(exporter, read, arrays, checked) };
}

export const badExport = (path: string, why: string, cause?: unknown): UserError =>
  new UserError('bad-export', `${basename(path)} was not written: ${why}`, undefined, { cause });

function decode(exporter: Exporter, read: ReadFiles, path: string): HeldArray[] {
  try {
    return exporter.decode(read);
  } catch (error) {
    throw badExport(path, (error as Error).message, error);
  }
}

function requireSameArrays(read: readonly HeldArray[], wanted: readonly HeldArray[], path: string): void {
  const byName = new Map(read.map((array) => [array.name, array]));
  for (const { name, shape, values } of wanted) {
    const found = byName.get(name);
    if (!found) throw badExport(path, `${name} is missing from what was read back`);
    if (found.shape.join() !== shape.join() || !sameValues(found.values, values))
      throw badExport(path, `${name} did not read back as it is in the model`);
  }
  if (byName.size !== wanted.length)
    throw badExport(path, `${byName.size} arrays were read back instead of ${wanted.length}`);
}

/** Bit for bit, except that −0 equals 0: a sparse format has no sign for what it leaves out. */
function sameValues(a: HeldArray['values'], b: HeldArray['values']): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i] || Object.is(value, b[i]));
}

const countNonzero = (values: HeldArray['values']): number =>
  // The element types differ, their reduce does not.
  (values as Float32Array).reduce((sum, value) => sum + Number(value !== 0), 0);

async function checkForward(
  exporter: Exporter,
  read: ReadFiles,
  arrays: readonly HeldArray[],
  { path, model, original, samples: given }: CheckedExport,
): Promise<ForwardCheck> {
  const all = given ?? noiseSamples(original.graph);
  const affordable = Math.floor((exporter.runtime?.maxMacs ?? Infinity) / analyse(original.graph).macs);
  const samples = { ...all, size: Math.max(1, Math.min(all.size, affordable)) };
  const wanted = await inferWithEngine(original.graph, namedTensors(original), samples);
  const { logits, ...by } = await infer(exporter, read, samples, path, model.graph.input.shape, () =>
    inferWithEngine(model.graph, arrays as NamedTensor[], samples),
  );
  const tolerance = relativeTolerance * Math.max(1, largest(wanted.logits));
  const maxDifference = largest(wanted.logits.map((logit, i) => logit - logits[i]));
  // Written so that NaN fails.
  if (!(maxDifference <= tolerance)) {
    throw badExport(
      path,
      `the logits that ${by.by} computes from it differ by ${maxDifference.toExponential(1)} from the model's; ` +
        `at most ${tolerance.toExponential(1)} is accepted`,
    );
  }
  return { ...by, samples: samples.size, source: samples.source, maxDifference, tolerance };
}

/** By the library that the format is made for; where that cannot run, `own` does it from what was read back. */
async function infer(
  { runtime }: Exporter,
  read: ReadFiles,
  samples: Samples,
  path: string,
  shape: readonly [number, number, number],
  own: () => Promise<{ by: string; logits: Float32Array }>,
): Promise<{ by: string; instead?: string; logits: Float32Array }> {
  if (!runtime) return own();
  try {
    return await runtime.infer(read, samples, shape);
  } catch (error) {
    if (error instanceof RuntimeMissing) return { ...(await own()), instead: error.message };
    throw badExport(path, (error as Error).message, error);
  }
}

/** The largest magnitude; NaN if one of them is. */
const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
