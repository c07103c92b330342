import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, test } from 'vitest';
import { ZipReader } from '../../../../main/archive/zip-reader.ts';
import { ZipWriter } from '../../../../main/archive/zip-writer.ts';
import { rawZip, type RawEnd, type RawEntry } from '../../../support/archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'filigree-zip-'));
const path = join(folder, 'one.zip');
afterAll(() => rmSync(folder, { recursive: true }));

async function write(files: Record<string, Uint8Array>) {
  const file = await open(path, 'w+');
  const zip = new ZipWriter(file);
  const written = [];
  for (const [name, content] of Object.entries(files)) {
    // In pieces, as checkpoints come.
    const half = content.length >> 1;
    written.push(await zip.add(name, () => [content.subarray(0, half), content.subarray(half)]));
  }
  await zip.finish();
  await file.close();
  return written;
}

/** Everything in the file, read to its end. */
async function read(bytes?: Uint8Array): Promise<Record<string, Buffer>> {
  if (bytes) writeFileSync(path, bytes);
  const reader = await ZipReader.open(path);
  try {
    const files: Record<string, Buffer> = {};
    for (const entry of reader.entries) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of reader.read(entry)) chunks.push(chunk);
      files[entry.name] = Buffer.concat(chunks);
    }
    return files;
  } finally {
    await reader.close();
  }
}

/** Nothing that compresses. */
const noise = (length: number) => new Uint8Array(randomBytes(length));

describe('what is written', () => {
  const files = {
    'empty.bin': new Uint8Array(0),
    'text.json': Buffer.from('{"a": 1}'),
    'deep/er/noise.bin': noise(300_000),
    'zeros.bin': new Uint8Array(3_000_000),
  };

  test('reads back, here and in another library, and is the same every time', async () => {
    const listed = await write(files);
    const once = readFileSync(path);
    expect(await read()).toEqual(
      Object.fromEntries(Object.entries(files).map(([k, v]) => [k, Buffer.from(v)])),
    );
    expect(unzipSync(once)).toEqual(
      Object.fromEntries(Object.entries(files).map(([k, v]) => [k, new Uint8Array(v)])),
    );
    expect(listed.map(({ path, bytes }) => [path, bytes])).toEqual(
      Object.entries(files).map(([k, v]) => [k, v.length]),
    );
    await write(files);
    expect(readFileSync(path).equals(once)).toBe(true);
  });

  test('content that would look like a bomb is stored as it is', async () => {
    await write({ 'zeros.bin': files['zeros.bin'] });
    expect(readFileSync(path).length).toBeGreaterThan(3_000_000);
  });
});

describe('what is refused, by name', () => {
  const good: RawEntry = { name: 'run.json', data: Buffer.from('{"some": "content"}') };
  const other: RawEntry = { name: 'config.json', data: Buffer.from('{}') };
  const bad = (change: Partial<RawEntry>, end?: RawEnd) => rawZip([{ ...good, ...change }, other], end);
  const zeros = new Uint8Array(2_000_000);

  test('the untouched one is fine', async () => {
    expect(Object.keys(await read(bad({})))).toEqual(['run.json', 'config.json']);
  });

  test.each<[string, Buffer, RegExp]>([
    ['a path upwards', bad({ name: '../run.json' }), /"\.\.\/run\.json": its path leads elsewhere/],
    ['a path upwards in the middle', bad({ name: 'a/../../b' }), /leads elsewhere/],
    ['a path through here', bad({ name: './a' }), /leads elsewhere/],
    ['an absolute path', bad({ name: '/etc/passwd' }), /absolute/],
    ['a drive', bad({ name: 'C:run.json' }), /absolute/],
    ['a backslash', bad({ name: '..\\run.json' }), /backslash/],
    ['a NUL', bad({ name: 'run.json\0.png' }), /NUL/],
    [
      'letters that fold',
      rawZip([good, { ...good, name: 'RUN.json' }]),
      /"RUN\.json": its name holds more than/,
    ],
    ['letters that are no ASCII', bad({ name: 'r\xfcn.json' }), /its name holds more than/],
    ['an empty name', bad({ name: '' }), /leads elsewhere/],
    ['a folder', bad({ name: 'folder/' }), /folder/],
    ['a folder by its attributes', bad({ attributes: 0x10 }), /folder/],
    ['a link', bad({ madeBy: 0x0314, attributes: 0xa1ff0000 }), /a link/],
    ['a device', bad({ madeBy: 0x0314, attributes: 0x61b60000 }), /a device/],
    ['the same name twice', rawZip([good, good]), /"run\.json" is in it twice/],
    ['encryption', bad({ flags: 1 }), /encrypted/],
    ['data descriptors', bad({ flags: 8 }), /features/],
    ['an unknown method', bad({ method: 12 }), /method 12/],
    ['extra fields', bad({ extra: Buffer.alloc(8) }), /extra fields/],
    ['a comment', bad({}, { comment: 'PK' }), /does not end as a zip/],
    ['several disks', bad({}, { disk: 1 }), /one part of several/],
    ['a gap', bad({}, { gap: 9 }), /belong to no file/],
    ['a wrong count', bad({}, { count: 3 }), /directory is damaged/],
    ['too few in the count', bad({}, { count: 1 }), /belong to no file|too large/],
    ['zip64', bad({}, { count: 0xffff }), /zip64/],
    [
      'too many files',
      rawZip(Array.from({ length: 5000 }, (_, i) => ({ name: `f${i}`, data: zeros.subarray(0, 1) }))),
      /5000 files, at most 4096/,
    ],
    ['another local name', bad({ localName: 'rim.json' }), /contradict/],
    ['a name that is longer there', bad({ localName: 'run.json1' }), /contradict|does not follow/],
    ['files that overlap', rawZip([good, { ...other, offset: 0 }]), /does not follow/],
    ['a file beyond the end', bad({ compressedBytes: 1_000_000 }), /beyond the end/],
    ['2 GB from nothing', bad({ bytes: 2 ** 31 }), /declares 2147483648 bytes from \d+: a zip bomb/],
    ['a bomb', bad({ data: zeros }), /declares 2000000 bytes from \d+: a zip bomb/],
    ['less than there is', bad({ bytes: 5 }), /more than the 5 bytes/],
    ['more than there is', bad({ bytes: 50 }), /holds 19 bytes, its header declares 50/],
    ['another checksum', bad({ crc: 1 }), /checksum/],
    [
      'content that is no deflate',
      rawZip([{ ...good, data: Buffer.from('\xff\xff\xff', 'latin1'), method: 0 }]).fill(8, 8, 9),
      /contradict/,
    ],
    ['no zip at all', Buffer.alloc(1000, 'a'), /does not end as a zip/],
    ['an empty file', Buffer.alloc(0), /too short/],
  ])('%s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'bad-archive',
      message: expect.stringMatching(message),
    });
  });

  test('more content than 4 GiB in all, though each file is credible', async () => {
    const stored = 3_000_000;
    const entries = Array.from({ length: 4 }, (_, i) => ({
      ...{ name: `f${i}`, data: noise(stored), method: 8, bytes: 1_200_000_000 },
    }));
    await expect(read(rawZip(entries))).rejects.toThrow(/would unpack to 4800000000 bytes/);
  });

  test('bytes behind the end of the compressed stream', async () => {
    const data = Buffer.from('x'.repeat(100));
    const padded = Buffer.concat([deflateRawSync(data), Buffer.alloc(5)]);
    // Stored by the builder, then both headers are told that it is deflated.
    const bytes = rawZip([{ name: 'a', data: padded, method: 0 }]);
    const central = bytes.length - 22 - 47;
    bytes.writeUInt16LE(8, 8);
    bytes.writeUInt16LE(8, central + 10);
    for (const at of [14, central + 16]) bytes.writeUInt32LE(crc32(data), at);
    for (const at of [22, central + 24]) bytes.writeUInt32LE(data.length, at);
    await expect(read(bytes)).rejects.toThrow(/behind its end/);
  });

  test('every cut', async () => {
    await write({ 'run.json': noise(2000), 'config.json': noise(500) });
    const whole = readFileSync(path);
    for (let part = 0; part < 50; part++) {
      const cut = whole.subarray(0, Math.floor((whole.length * part) / 50));
      await expect(read(cut), `${part}/50`).rejects.toMatchObject({ code: 'bad-archive' });
    }
    expect(Object.keys(await read(whole))).toHaveLength(2);
  });

  test('a file that is not there', async () => {
    await expect(ZipReader.open(join(folder, 'none'))).rejects.toMatchObject({
      code: 'no-such-file',
      field: 'path',
    });
  });
});
