import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csv } from '../../../../main/datasets/csv.ts';
import { load, offline, refusal, temporaryFolder } from './helpers.ts';

function table(text: string): string {
  const path = join(temporaryFolder(), 'table.csv');
  writeFileSync(path, text);
  return path;
}

const loadTable = (text: string, values = {}) => load(csv, { folder: table(text), ...values });
const refusalOf = (text: string, values = {}) => refusal(loadTable(text, values));

/** Ten rows of two classes; the first feature counts from 0. */
const rows = Array.from({ length: 10 }, (_, i) => `${i},${i * i},${i < 5 ? 'no' : 'yes'}`);

test('reads features, classes and shape, and splits every class by the share', async () => {
  const dataset = await loadTable(['x,y,answer', ...rows].join('\n'), { testShare: 0.4 });
  expect(dataset.shape).toEqual([2, 1, 1]);
  expect(dataset.classNames).toEqual(['no', 'yes']);
  expect([dataset.train.count, dataset.test.count]).toEqual([6, 4]);
  expect([...dataset.test.labels].toSorted()).toEqual([0, 0, 1, 1]);
  for (const { samples, labels, count } of [dataset.train, dataset.test]) {
    for (let i = 0; i < count; i++) {
      expect(samples[2 * i + 1]).toBe(samples[2 * i] ** 2);
      expect(labels[i]).toBe(samples[2 * i] < 5 ? 0 : 1);
    }
  }
  const firsts = [dataset.train, dataset.test].flatMap(({ samples }) =>
    [...samples].filter((_, i) => i % 2 === 0),
  );
  expect(firsts.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('each feature is normalised by itself, from the training split', async () => {
  const { train, normalization } = await loadTable(rows.join('\n'));
  for (const feature of [0, 1]) {
    const values = [...train.samples]
      .filter((_, i) => i % 2 === feature)
      .map((x) => x * normalization.scale[feature] + normalization.shift[feature]);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length).toBeCloseTo(1, 5);
  }
});

test('a table without names is recognised, with a byte-order mark, blank lines, quotes and other separators', async () => {
  const plain = await loadTable(rows.join('\n'));
  const awkward = `\ufeff${rows.join('\r\n\r\n').replaceAll(',', ' ; ').replaceAll('no', '"no"')}\r\n`;
  expect((await loadTable(awkward, { separator: 'semicolon' })).sha256).toBe(plain.sha256);
  expect(plain.train.count + plain.test.count).toBe(10);
});

test('the label column can be named, or numbered in a table without names', async () => {
  const moved = rows.map((row) => row.split(',')).map(([x, y, label]) => `${x},${label},${y}`);
  const last = await loadTable(rows.join('\n'));
  expect((await loadTable(['x,answer,y', ...moved].join('\n'), { label: 'answer' })).sha256).toBe(
    last.sha256,
  );
  expect((await loadTable(moved.join('\n'), { label: '2' })).sha256).toBe(last.sha256);
});

test('numeric classes are ordered as numbers, also below a row of names', async () => {
  const text = ['x,class', ...[10, 9, 2].flatMap((c) => [`1,${c}`, `2,${c}`])].join('\n');
  expect((await loadTable(text)).classNames).toEqual(['2', '9', '10']);
});

test('text and empty cells in a numeric column are named by line and column', async () => {
  const named = ['x,y,answer', ...rows];
  expect(await refusalOf(named.with(4, '3,oops,no').join('\n'))).toBe(
    'table.csv, line 5, column y: "oops" is not a number; features must be numeric',
  );
  expect(await refusalOf(rows.with(2, ',4,no').join('\n'))).toContain(
    'table.csv, line 3, column 1: "" is not a number',
  );
  expect(await refusalOf(rows.with(2, '1e999,4,no').join('\n'))).toContain('"1e999" is not a number');
});

test('one class, one sample of a class, one column, ragged rows and unknown columns are refused', async () => {
  expect(await refusalOf('1,a\n2,a\n3,a')).toContain('column 2 has only the class "a"; expected at least 2');
  expect(await refusalOf('1,a\n2,a\n3,b')).toContain('class b has 1 sample; at least 2 are needed');
  expect(await refusalOf('1\n2\n3')).toContain('table.csv has 1 columns');
  expect(await refusalOf('')).toContain('table.csv has 0 columns');
  expect(await refusalOf('1,2,a\n1,b')).toContain('table.csv is not a table');
  expect(await refusalOf(['x,y,z', ...rows].join('\n'), { label: 'w' })).toContain(
    'dataset.label: table.csv has no column "w"; expected one of x, y, z',
  );
});

test('a folder must hold exactly one table', async () => {
  const dataFolder = temporaryFolder();
  expect(await refusal(load(csv, {}, offline(dataFolder)))).toContain('is not an existing folder');
  expect(await refusal(load(csv, { folder: dataFolder }))).toContain('has 0 .csv files; expected exactly 1');
});
