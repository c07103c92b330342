import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { ExportReport } from '../../shared/export-result.ts';
import { countOnes } from '../topology/select.ts';
import { replaceFile, writeSynced } from '../store/atomic-write.ts';
import type { ExportedFile, Exporter, Samples } from './exporter.ts';
import { badExport, checkExport } from './self-check.ts';
import type { TrainedModel, TrainedParameter } from './trained-model.ts';
import { transformsById } from './transforms.ts';

export interface ExportOptions {
  overwrite?: boolean;
  /** Ids of transforms that the network goes through first. */
  transforms?: readonly string[];
  /** Raw samples for the forward pass of the self-check; seeded noise where there are none. */
  samples?: Samples;
  /**
   * The model card, Markdown and JSON, which get their names together with the export.
   * @param written the network in the file: after the transforms
   */
  card?(report: ExportReport, written: TrainedModel): readonly [markdown: string, json: string];
}

/** The files of the card that lies beside an export: Markdown and JSON. */
export const cardPaths = (path: string): string[] => [`${path}.card.md`, `${path}.card.json`];

/**
 * Writes a model to a file (some formats: several, in one folder), atomically, and only after reading it back and
 * repeating the forward pass.
 * @throws UserError `file-exists` unless `overwrite`, `disk-full`, `bad-export` if the self-check fails,
 * `unknown-transform`, `unsupported-layer` if the format cannot express the network, `too-large` if it cannot hold it
 */
export async function exportModel(
  exporter: Exporter,
  original: TrainedModel,
  path: string,
  { overwrite, transforms = [], samples, card }: ExportOptions = {},
): Promise<ExportReport> {
  if (!overwrite) refuseExisting(path);
  const applied = transformsById(transforms);
  const model = applied.reduce((before, { apply }) => apply(before), original);
  const files = exporter.encode(model, basename(path)).map(({ name, chunks }) => {
    return { path: join(dirname(path), name), name, chunks };
  });
  const cards = card ? cardPaths(path) : [];
  if (!overwrite) [...files.map((file) => file.path), ...cards].forEach(refuseExisting);
  await mkdir(dirname(path), { recursive: true });
  let report: ExportReport;
  await replaceFiles(files, async (temporaries) => {
    const read = await Promise.all(temporaries.map((temporary) => readFile(temporary)));
    files.forEach((file, i) => requireSameBytes(read[i], file, path));
    const beside = new Map(files.map(({ name }, i) => [name, read[i]]));
    const check = await checkExport(exporter, beside, { path, model, original, samples });
    const written = files.map((file) => ({ path: file.path, ...describe(file) }));
    report = {
      ...{ format: exporter.id, path, files: written, transforms: applied.map(({ id }) => id) },
      bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
      ...countWeights(model),
      check,
    };
    const texts = card?.(report, model) ?? [];
    await replaceFiles(texts.map((text, i) => ({ path: cards[i], chunks: [Buffer.from(text)] })));
  });
  return report!;
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

/**
 * All files get their names, the first one last, or none does.
 * @param then what must succeed before any of them gets it
 */
async function replaceFiles(
  files: readonly { path: string; chunks: readonly Uint8Array[] }[],
  then: (temporaries: string[]) => Promise<void> = async () => {},
): Promise<void> {
  const write = async (temporaries: string[]): Promise<void> => {
    const file = files.at(temporaries.length);
    if (!file) return then(temporaries);
    await replaceFile(file.path, async (temporary) => {
      await writeSynced(temporary, file.chunks);
      await write([...temporaries, temporary]);
    });
  };
  await write([]);
}

function requireSameBytes(read: Buffer, { chunks }: ExportedFile, path: string): void {
  let at = 0;
  const same = chunks.every((chunk) => read.subarray(at, (at += chunk.byteLength)).equals(chunk));
  if (!same || at !== read.byteLength)
    throw badExport(path, 'the disk gave back other bytes than it was given');
}

function describe({ chunks }: ExportedFile): { bytes: number; sha256: string } {
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return { bytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0), sha256: digest.digest('hex') };
}

function countWeights({ parameters }: TrainedModel): Pick<ExportReport, 'nnz' | 'weights' | 'density'> {
  const sparsifiable = parameters.filter(({ role }) => role === 'weight');
  const weights = sparsifiable.reduce((sum, { values }) => sum + values.length, 0);
  const nnz = sparsifiable.reduce((sum, parameter) => sum + activeCount(parameter), 0);
  return { nnz, weights, density: nnz / weights };
}

/** Entries inside the mask; all of a weight that was never sparsified. */
export function activeCount({ values, mask }: TrainedParameter): number {
  return mask ? countOnes(mask) : values.length;
}
