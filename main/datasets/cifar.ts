import { basename } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type DatasetSource, type Split } from './dataset.ts';
import {
  folderField,
  findFiles,
  locateFiles,
  readContent,
  requireGenuine,
  type LocatedFiles,
  type PublishedFile,
} from './files.ts';
import { readTar } from './tar.ts';

const side = 32;
const pixels = 3 * side * side;

/** One file of records: label bytes, then the red, green and blue plane of 32 × 32. */
export interface CifarFile extends PublishedFile {
  count: number;
}

export interface CifarDescription {
  id: string;
  title: string;
  summary: string;
  licence: string;
  classNames: readonly string[];
  mirrors: readonly string[];
  /** The official archive of the binary version. */
  archive: PublishedFile;
  /** The folder inside the archive. */
  archiveFolder: string;
  /** Label bytes per record; the last one is the label (CIFAR-100 puts the superclass before it). */
  labelBytes: 1 | 2;
  train: readonly CifarFile[];
  test: readonly CifarFile[];
}

/** CIFAR in its official binary version, from the archive or from its unpacked files. */
export function cifarSource(description: CifarDescription): DatasetSource {
  const { id, title, summary, licence, classNames, mirrors, archive, train, test } = description;
  const members = [...train, ...test];
  const unpacked = members.map((file) => file.name);
  const inFolder = unpacked.map((name) => `${description.archiveFolder}/${name}`);
  const published = { id, files: [archive], mirrors, otherLayouts: [unpacked, inFolder] };
  const total = (files: readonly CifarFile[]) => files.reduce((sum, file) => sum + file.count, 0);
  return defineDataset({
    id,
    title,
    summary,
    licence,
    fields: { folder: folderField },
    downloadable: true,
    outline: () => ({
      shape: [3, side, side],
      classes: classNames.length,
      trainCount: total(train),
      testCount: total(test),
    }),
    locate: ({ folder }, dataFolder) => findFiles(published, folder, dataFolder)?.folder,
    async load(values, environment) {
      const located = await locateFiles(published, values.folder, environment);
      const contents = await readMembers(located, description);
      const read = (files: readonly CifarFile[]) =>
        readRecords(
          files.map((file) => ({ ...file, content: contents.get(file.name)! })),
          description.labelBytes,
        );
      return assembleDataset({
        id,
        title,
        shape: [3, side, side],
        classNames,
        train: read(train),
        test: read(test),
        origin: located.folder,
      });
    },
  });
}

/** The verified contents of all record files, by name. */
async function readMembers(
  { paths }: LocatedFiles,
  { archive, train, test, labelBytes }: CifarDescription,
): Promise<Map<string, Buffer>> {
  const members = [...train, ...test];
  const bytesOf = (file: CifarFile) => file.count * (labelBytes + pixels);
  const packed = basename(paths[0]) === archive.name;
  const contents = new Map<string, Buffer>();
  if (packed) {
    // Room for tar headers and the small text files beside the records.
    const limit = members.reduce((sum, file) => sum + bytesOf(file), 1 << 20);
    const { content } = await readContent(paths[0], archive.name, limit);
    for (const [name, member] of readTar(content, archive.name)) contents.set(name, member);
  } else {
    for (const path of paths)
      contents.set(basename(path), (await readContent(path, basename(path), Infinity)).content);
  }
  for (const file of members) {
    const content = contents.get(file.name);
    if (!content)
      throw new UserError('bad-data', `${archive.name} lacks ${file.name}; expected the binary version`);
    if (content.length !== bytesOf(file)) {
      throw new UserError(
        'bad-data',
        `${file.name} ${content.length < bytesOf(file) ? 'is truncated' : 'is too long'}: ` +
          `${content.length} bytes, expected ${bytesOf(file)} (${file.count} records of ${labelBytes + pixels})`,
      );
    }
    requireGenuine(file, { bytes: content, content });
  }
  return contents;
}

function readRecords(files: readonly (CifarFile & { content: Buffer })[], labelBytes: number): Split {
  const count = files.reduce((sum, file) => sum + file.count, 0);
  const samples = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  let row = 0;
  for (const { content, count: records } of files) {
    for (let record = 0; record < records; record++, row++) {
      const start = record * (labelBytes + pixels) + labelBytes;
      labels[row] = content[start - 1];
      samples.set(content.subarray(start, start + pixels), row * pixels);
    }
  }
  return { samples, labels, count };
}
