import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replaceFile, writeFileAtomic } from '../../../../main/store/atomic-write.ts';
import { useFolder } from './helpers.ts';

const folder = useFolder();
const failing = (code: string) => Object.assign(new Error(`${code}: write`), { code });

test('writes bytes and chunks, replaces what was there, and leaves nothing else', async () => {
  const path = folder.join('file');
  await writeFileAtomic(path, Buffer.from('first'));
  await writeFileAtomic(path, [Buffer.from('sec'), Buffer.from('ond')]);
  expect(readFileSync(path, 'utf8')).toBe('second');
  expect(readdirSync(folder.path)).toEqual(['file']);
});

test.each(['ENOSPC', 'EDQUOT'])('%s half-way: the old file stays, the temporary one goes', async (code) => {
  const path = folder.join('file');
  writeFileSync(path, 'old');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1000);
    throw failing(code);
  }
  await expect(writeFileAtomic(path, chunks())).rejects.toMatchObject({
    ...{ name: 'UserError', code: 'disk-full', message: expect.stringContaining(path) },
  });
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder.path)).toEqual(['file']);
});

test('any other failure passes through and cleans up as well', async () => {
  const write = async (temporary: string) => {
    writeFileSync(temporary, 'half');
    throw failing('EIO');
  };
  await expect(replaceFile(folder.join('file'), write)).rejects.toMatchObject({ code: 'EIO' });
  expect(readdirSync(folder.path)).toEqual([]);
});

test('many writers of one file: the last one wins whole', async () => {
  const path = folder.join('file');
  const contents = Array.from({ length: 20 }, (_, i) => Buffer.alloc(10_000, i));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  const result = readFileSync(path);
  expect(contents.some((content) => content.equals(result))).toBe(true);
  expect(readdirSync(folder.path)).toEqual(['file']);
});
