import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { replaceFile, writeSynced } from '../store/atomic-write.ts';
import { namedTensors, type NamedTensor, type TrainedModel, type TrainedParameter } from './trained-model.ts';

/** One file format; adding one is one file in `exporters/`, one line in `registry.ts` and one test. */
export interface Exporter {
  id: string;
  title: string;
  /** What is in the file and who loads it. */
  summary: string;
  /** With the dot. */
  extension: string;
  /** Code that loads such a file; `{file}` stands for its path, inside a string literal. */
  snippet: { language: string; code: string };
  /** The whole file, in chunks. The same model gives the same bytes. */
  encode(model: TrainedModel): Uint8Array[];
  /** Reads a file back, every tensor dense: how each export is checked before it gets its name. */
  decode(file: Uint8Array): NamedTensor[];
}

export interface ExportReport {
  format: string;
  path: string;
  bytes: number;
  /** Of the linear and convolution weights: entries inside the masks, all entries, and their ratio. */
  nnz: number;
  weights: number;
  density: number;
  /** The file was read back and every tensor had the same name, shape and bits. */
  verified: true;
}

/**
 * Writes a model to a file, atomically, and only after reading it back.
 * @throws UserError `file-exists` unless `overwrite`, `disk-full`, `bad-export` if the file does not read back equal
 */
export async function exportModel(
  exporter: Exporter,
  model: TrainedModel,
  path: string,
  options: { overwrite?: boolean } = {},
): Promise<ExportReport> {
  if (!options.overwrite) refuseExisting(path);
  const chunks = exporter.encode(model);
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, async (temporary) => {
    await writeSynced(temporary, chunks);
    const file = await readFile(temporary);
    requireSameBytes(file, chunks, path);
    requireSameTensors(exporter.decode(file), namedTensors(model), path);
  });
  const sparsifiable = model.parameters.filter(({ role }) => role === 'weight');
  const weights = sparsifiable.reduce((sum, { values }) => sum + values.length, 0);
  const nnz = sparsifiable.reduce((sum, parameter) => sum + activeCount(parameter), 0);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  return { format: exporter.id, path, bytes, nnz, weights, density: nnz / weights, verified: true };
}

/** @throws UserError `file-exists` */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new UserError(
    'file-exists',
    `${path} exists already; choose another name or allow overwriting`,
    'path',
  );
}

function activeCount({ values, mask }: TrainedParameter): number {
  return mask ? mask.reduce((sum, inside) => sum + inside, 0) : values.length;
}

function requireSameBytes(file: Buffer, chunks: readonly Uint8Array[], path: string): void {
  let at = 0;
  const same = chunks.every((chunk) => file.subarray(at, (at += chunk.byteLength)).equals(chunk));
  if (same && at === file.byteLength) return;
  throw new UserError(
    'bad-export',
    `${path} was not written: the disk gave back other bytes than it was given`,
  );
}

function requireSameTensors(
  read: readonly NamedTensor[],
  wanted: readonly NamedTensor[],
  path: string,
): void {
  const byName = new Map(read.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape, values } of wanted) {
    const found = byName.get(name);
    if (!found || found.shape.join() !== shape.join() || !sameBits(found.values, values)) {
      throw new UserError(
        'bad-export',
        `${path} was not written: ${name} did not read back as it is in the model`,
      );
    }
  }
  if (byName.size !== wanted.length) {
    throw new UserError(
      'bad-export',
      `${path} was not written: ${byName.size} tensors instead of ${wanted.length}`,
    );
  }
}

/** Compares representations, so that NaN equals itself and −0 differs from 0. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (array: Float32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(a).equals(bytes(b));
}
