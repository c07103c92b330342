import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { cifarSource } from '../../../../main/datasets/cifar.ts';
import { load, refusal, sha256, temporaryFolder } from './helpers.ts';

/** Records of the given labels; plane c of record i is filled with 10 i + c. */
function records(labels: readonly number[], labelBytes: 1 | 2): Buffer {
  return Buffer.concat(
    labels.map((label, i) =>
      Buffer.concat([
        labelBytes === 2 ? Buffer.of(9, label) : Buffer.of(label),
        ...[0, 1, 2].map((channel) => Buffer.alloc(1024, 10 * i + channel)),
      ]),
    ),
  );
}

/** A miniature of the official archive, packed by tar, and a source that knows its digests. */
function miniature(labelBytes: 1 | 2, trainLabels: readonly number[] = [0, 1, 1]) {
  const folder = temporaryFolder();
  const inner = join(folder, 'bin');
  mkdirSync(inner);
  const contents = {
    'a.bin': records(trainLabels, labelBytes),
    'b.bin': records([1, 0], labelBytes),
    't.bin': records([1], labelBytes),
  };
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(inner, name), content);
  writeFileSync(join(inner, 'readme.html'), 'read me');
  execFileSync('tar', ['-czf', join(folder, 'mini.tar.gz'), '-C', folder, 'bin']);
  const file = (name: keyof typeof contents, count: number) => ({
    name,
    count,
    sha256: [sha256(contents[name])],
  });
  const source = cifarSource({
    ...{
      id: 'mini',
      title: 'Mini',
      summary: '',
      licence: '',
      classNames: ['x', 'y'],
      mirrors: ['http://127.0.0.1:9/'],
    },
    archive: { name: 'mini.tar.gz', sha256: ['none'] },
    archiveFolder: 'bin',
    labelBytes,
    train: [file('a.bin', 3), file('b.bin', 2)],
    test: [file('t.bin', 1)],
  });
  return { folder, inner, source, archive: readFileSync(join(folder, 'mini.tar.gz')) };
}

test.each([1, 2] as const)('reads planes and the last of %i label bytes', async (labelBytes) => {
  const { folder, source } = miniature(labelBytes);
  const dataset = await load(source, { folder });
  expect(dataset.shape).toEqual([3, 32, 32]);
  expect([...dataset.train.labels]).toEqual([0, 1, 1, 1, 0]);
  expect([...dataset.test.labels]).toEqual([1]);
  expect([0, 1, 2].map((c) => dataset.train.samples[(2 * 3 + c) * 1024 + 1023])).toEqual([20, 21, 22]);
  expect([0, 1, 2].map((c) => dataset.train.samples[(4 * 3 + c) * 1024])).toEqual([10, 11, 12]);
});

test('the archive, its unpacked folder and the bare files are the same data', async () => {
  const { inner, source, archive } = miniature(1);
  const packed = temporaryFolder();
  writeFileSync(join(packed, 'mini.tar.gz'), archive);
  const unpacked = temporaryFolder();
  execFileSync('tar', ['-xzf', join(packed, 'mini.tar.gz'), '-C', unpacked]);
  const identities = await Promise.all(
    [packed, unpacked, inner].map(async (folder) => (await load(source, { folder })).sha256),
  );
  expect(new Set(identities).size).toBe(1);
});

test('truncated, altered and foreign archives are refused by name', async () => {
  const { source, archive } = miniature(1);
  const refusalOf = (bytes: Buffer) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mini.tar.gz'), bytes);
    return refusal(load(source, { folder }));
  };
  expect(await refusalOf(archive.subarray(0, archive.length - 40))).toContain('mini.tar.gz');
  const tar = gunzipSync(archive);
  expect(await refusalOf(gzipSync(tar.subarray(0, 5000)))).toMatch(
    /mini\.tar\.gz is truncated inside bin\/\w\.bin/,
  );
  const altered = Buffer.from(tar);
  altered[altered.indexOf(Buffer.alloc(1024, 11)) + 5] ^= 1;
  expect(await refusalOf(gzipSync(altered))).toMatch(/[abt]\.bin is not the published file/);
  expect(await refusalOf(gzipSync(Buffer.alloc(2048, 65)))).toContain('mini.tar.gz is not a tar archive');
  expect(await refusalOf(gzipSync(Buffer.alloc(1024)))).toContain(
    'mini.tar.gz lacks a.bin; expected the binary version',
  );
});

test('a file of the wrong length and a label outside the classes are named', async () => {
  const { inner, source } = miniature(1);
  writeFileSync(join(inner, 'b.bin'), records([1], 1));
  expect(await refusal(load(source, { folder: inner }))).toBe(
    'b.bin is truncated: 3073 bytes, expected 6146 (2 records of 3073)',
  );
  const wrong = miniature(1, [0, 1, 7]);
  expect(await refusal(load(wrong.source, { folder: wrong.folder }))).toContain(
    'sample 2 has label 7; expected 0 to 1',
  );
});
