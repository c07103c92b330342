import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { parseValues } from '../../../../shared/fields.ts';
import type { Dataset, DatasetSource, LoadEnvironment } from '../../../../main/datasets/dataset.ts';
import { idxSource, type IdxFileName } from '../../../../main/datasets/idx-source.ts';
import { writeIdx } from '../../../../main/datasets/idx.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-datasets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function offline(dataFolder = '/nonexistent'): LoadEnvironment {
  return { dataFolder, allowDownload: false };
}

export async function load(
  source: DatasetSource,
  raw: Record<string, unknown>,
  environment = offline(),
): Promise<Dataset> {
  return source.load(parseValues(source.fields, raw, 'dataset'), environment);
}

/** The message of the UserError that the promise must reject with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw new Error(`expected a UserError, got ${String(error)}`);
  return error.message;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export type IdxContents = Record<IdxFileName, Uint8Array>;

/** Six training and four test images of two classes, in the layout of MNIST; returns idx contents, uncompressed. */
export function tinyIdxContents(): IdxContents {
  const images = (count: number) => Uint8Array.from({ length: count * 784 }, (_, i) => (i * 37) % 256);
  return {
    'train-images-idx3-ubyte.gz': writeIdx(images(6), [6, 28, 28]),
    'train-labels-idx1-ubyte.gz': writeIdx(Uint8Array.of(0, 1, 0, 1, 1, 0), [6]),
    't10k-images-idx3-ubyte.gz': writeIdx(images(4), [4, 28, 28]),
    't10k-labels-idx1-ubyte.gz': writeIdx(Uint8Array.of(1, 0, 1, 0), [4]),
  };
}

export const compressed = (contents: IdxContents): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, gzipSync(content)]));

/** A source whose published files are exactly these contents. */
export function tinySource(
  contents: IdxContents,
  mirrors: readonly string[] = ['http://127.0.0.1:9/'],
): DatasetSource {
  const digests = Object.entries(contents).map(([name, content]) => [name, [sha256(content)]]);
  return idxSource({
    id: 'tiny',
    title: 'Tiny',
    summary: '',
    licence: '',
    classNames: ['a', 'b'],
    mirrors,
    sha256: Object.fromEntries(digests) as Record<IdxFileName, string[]>,
    trainCount: 6,
    testCount: 4,
  });
}
