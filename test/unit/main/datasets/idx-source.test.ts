import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { idxSource, type IdxFileName } from '../../../../main/datasets/idx-source.ts';
import { writeIdx } from '../../../../main/datasets/idx.ts';
import {
  compressed,
  load,
  offline,
  refusal,
  sha256,
  temporaryFolder,
  tinyIdxContents,
  tinySource,
} from './helpers.ts';

const trainImages = 'train-images-idx3-ubyte.gz';
const trainLabels = 'train-labels-idx1-ubyte.gz';

/** A folder with the tiny data set, some of its files replaced. */
function folderWith(replaced: Record<string, Uint8Array> = {}, folder = temporaryFolder()): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries({ ...compressed(tinyIdxContents()), ...replaced })) {
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

const source = tinySource(tinyIdxContents());
const refusalWith = (replaced: Record<string, Uint8Array>) =>
  refusal(load(source, { folder: folderWith(replaced) }));

test('reads pixels, labels and counts of both splits', async () => {
  const folder = folderWith();
  const dataset = await load(source, { folder });
  expect(dataset.shape).toEqual([1, 28, 28]);
  expect(dataset.train.count).toBe(6);
  expect([...dataset.train.labels]).toEqual([0, 1, 0, 1, 1, 0]);
  expect([...dataset.test.labels]).toEqual([1, 0, 1, 0]);
  expect(dataset.train.samples[5 * 784 + 3]).toBe(((5 * 784 + 3) * 37) % 256);
  expect(dataset.origin).toBe(folder);
});

test('recompressed and unpacked files are recognised by their content', async () => {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(tinyIdxContents())) {
    writeFileSync(join(folder, name.replace('.gz', '')), content);
  }
  const recompressed = folderWith({ [trainImages]: gzipSync(tinyIdxContents()[trainImages], { level: 1 }) });
  const identities = await Promise.all(
    [folder, recompressed].map(async (f) => (await load(source, { folder: f })).sha256),
  );
  expect(identities[0]).toBe(identities[1]);
});

test('looks in the data folder when no folder is given', async () => {
  const dataFolder = temporaryFolder();
  folderWith({}, join(dataFolder, 'tiny'));
  expect((await load(source, {}, offline(dataFolder))).origin).toBe(join(dataFolder, 'tiny'));
});

test('a truncated file is named with both sizes', async () => {
  const whole = compressed(tinyIdxContents())[trainImages];
  expect(await refusalWith({ [trainImages]: whole.subarray(0, whole.length / 2) })).toMatch(
    /^train-images-idx3-ubyte\.gz is truncated: \d+ bytes after decompression, expected 4720$/,
  );
});

test('a file of other content is named with both digests', async () => {
  const altered = tinyIdxContents()[trainImages];
  altered[100] ^= 1;
  const message = await refusalWith({ [trainImages]: gzipSync(altered) });
  expect(message).toContain('train-images-idx3-ubyte.gz is not the published file');
  expect(message).toContain(sha256(altered));
  expect(message).toContain(sha256(tinyIdxContents()[trainImages]));
});

test('flipped bits inside the compressed stream are damage', async () => {
  const damaged = Buffer.from(compressed(tinyIdxContents())[trainImages]);
  damaged[damaged.length - 6] ^= 0xff;
  expect(await refusalWith({ [trainImages]: damaged })).toContain('train-images-idx3-ubyte.gz is damaged');
});

test('a web page saved under the name of the file is no gzip file', async () => {
  expect(await refusalWith({ [trainImages]: Buffer.from('<html>not found</html>') })).toContain(
    'train-images-idx3-ubyte.gz is not a gzip file: it starts with "<html>not found<"',
  );
});

test('wrong magic, wrong counts and content beyond the end are refused', async () => {
  const labels = tinyIdxContents()[trainLabels];
  expect(await refusalWith({ [trainImages]: gzipSync(writeIdx(new Uint8Array(4704), [4704])) })).toContain(
    'starts with 0x00000801; expected 0x00000803',
  );
  expect(
    await refusalWith({ [trainImages]: gzipSync(writeIdx(new Uint8Array(5 * 784), [5, 28, 28])) }),
  ).toContain('holds 5 × 28 × 28 values; expected 6 × 28 × 28');
  expect(await refusalWith({ [trainLabels]: gzipSync(Buffer.concat([labels, Buffer.of(1)])) })).toContain(
    'train-labels-idx1-ubyte.gz is too long: 15 bytes after decompression, expected 14',
  );
});

test('a label outside the classes is named with its sample', async () => {
  const contents = tinyIdxContents();
  contents[trainLabels] = writeIdx(Uint8Array.of(0, 1, 0, 7, 1, 0), [6]);
  const folder = folderWith({ [trainLabels]: gzipSync(contents[trainLabels]) });
  expect(await refusal(load(tinySource(contents), { folder }))).toBe(
    'Tiny, training split: sample 3 has label 7; expected 0 to 1',
  );
});

test('files of two editions are not mixed', async () => {
  const [one, other] = [tinyIdxContents(), tinyIdxContents()];
  other[trainLabels] = writeIdx(Uint8Array.of(1, 0, 1, 0, 0, 1), [6]);
  const digests = Object.keys(one).map((name) => {
    const file = name as IdxFileName;
    other[file] = file === trainLabels ? other[file] : other[file].with(other[file].length - 1, 99);
    return [file, [sha256(one[file]), sha256(other[file])]];
  });
  const source = idxSource({
    ...{ id: 'two', title: 'Two', summary: '', licence: '', classNames: ['a', 'b'], mirrors: [] },
    sha256: Object.fromEntries(digests) as Record<IdxFileName, string[]>,
    trainCount: 6,
    testCount: 4,
  });
  const mixed = folderWith({ [trainLabels]: gzipSync(other[trainLabels]) });
  expect(await refusal(load(source, { folder: mixed }))).toContain(
    'train-labels-idx1-ubyte.gz belongs to another edition of the data set than train-images-idx3-ubyte.gz',
  );
});

test('a folder without the files, or none at all, is named', async () => {
  const folder = temporaryFolder();
  expect(await refusal(load(source, { folder }))).toContain('lacks train-images-idx3-ubyte.gz, train-labels');
  expect(await refusal(load(source, { folder: join(folder, 'absent') }))).toContain(
    'is not an existing folder',
  );
});

test('without files and without permission to download, says where to put them', async () => {
  const dataFolder = temporaryFolder();
  const message = await refusal(load(source, {}, offline(dataFolder)));
  expect(message).toContain('downloads are off');
  expect(message).toContain(`into ${join(dataFolder, 'tiny')}`);
});
