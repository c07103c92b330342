import { basename } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type DatasetSource, type Split } from './dataset.ts';
import {
  findFiles,
  folderField,
  locateFiles,
  readContent,
  requireGenuine,
  type PublishedFile,
} from './files.ts';
import { readIdx } from './idx.ts';

/** Names of the four files, shared by every data set of the MNIST family. */
export type IdxFileName =
  | 'train-images-idx3-ubyte.gz'
  | 'train-labels-idx1-ubyte.gz'
  | 't10k-images-idx3-ubyte.gz'
  | 't10k-labels-idx1-ubyte.gz';

export interface IdxDescription {
  id: string;
  title: string;
  summary: string;
  licence: string;
  classNames: readonly string[];
  /** Base addresses of the files. */
  mirrors: readonly string[];
  systemFolders?: readonly string[];
  /** Accepted SHA-256 digests per file, of the gzip file or of its content, one per edition of the data set. */
  sha256: Readonly<Record<IdxFileName, readonly string[]>>;
  trainCount: number;
  testCount: number;
}

const side = 28;

/** A data set in the four-file layout of MNIST: grey images of 28 × 28 and one label byte each. */
export function idxSource(description: IdxDescription): DatasetSource {
  const { id, title, summary, licence, classNames, mirrors, systemFolders, trainCount, testCount } =
    description;
  const files = publishedFiles(description.sha256);
  const unpacked = files.map((file) => file.name.replace(/\.gz$/, ''));
  const published = { id, files, mirrors, systemFolders, otherLayouts: [unpacked] };
  return defineDataset({
    id,
    title,
    summary,
    licence,
    fields: { folder: folderField },
    downloadable: true,
    outline: () => ({ shape: [1, side, side], classes: classNames.length, trainCount, testCount }),
    locate: ({ folder }, dataFolder) => findFiles(published, folder, dataFolder)?.folder,
    async load(values, environment) {
      const { folder, paths } = await locateFiles(published, values.folder, environment);
      const { train, test } = await readIdxSplits(paths, files, { train: trainCount, test: testCount });
      return assembleDataset({ id, title, shape: [1, side, side], classNames, train, test, origin: folder });
    },
  });
}

export function publishedFiles(sha256: IdxDescription['sha256']): PublishedFile[] {
  return Object.entries(sha256).map(([name, digests]) => ({ name, sha256: digests }));
}

/**
 * Reads and verifies the four files.
 * @param paths train images, train labels, test images, test labels, in the order of `files`
 * @throws UserError `bad-data` naming the file that is truncated, malformed or not the published one
 */
export async function readIdxSplits(
  paths: readonly string[],
  files: readonly PublishedFile[],
  counts: { train: number; test: number },
): Promise<{ train: Split; test: Split }> {
  const editions = new Set<number>();
  const read = async (index: number, dimensions: readonly number[]): Promise<Uint8Array> => {
    const name = basename(paths[index]);
    const values = dimensions.reduce((product, size) => product * size, 1);
    const file = await readContent(paths[index], name, values + 1024);
    const data = readIdx(file.content, name, dimensions);
    editions.add(requireGenuine({ name, sha256: files[index].sha256 }, file));
    if (editions.size > 1) {
      throw new UserError(
        'bad-data',
        `${name} belongs to another edition of the data set than ${basename(paths[0])}: ` +
          'its samples are in another order; expected all four files from one source',
      );
    }
    return data;
  };
  const split = async (first: number, count: number): Promise<Split> => ({
    samples: await read(first, [count, side, side]),
    labels: Int32Array.from(await read(first + 1, [count])),
    count,
  });
  return { train: await split(0, counts.train), test: await split(2, counts.test) };
}
