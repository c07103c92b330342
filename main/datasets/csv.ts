import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { UserError, show } from '../../shared/errors.ts';
import { defineFields } from '../../shared/fields.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type Split } from './dataset.ts';
import { existingFolder, folderField } from './files.ts';
import { splitFields, stratifiedSplit } from './stratify.ts';

const separators = { comma: ',', semicolon: ';', tab: '\t' } as const;

export const csv = defineDataset({
  id: 'csv',
  title: 'Table (CSV)',
  summary: 'Your own table: one sample per row, numeric feature columns and one label column.',
  licence: 'your own data',
  fields: defineFields({
    folder: {
      ...folderField,
      label: 'Folder or file',
      help: 'The table, or a folder with exactly one .csv file. Empty: csv/ in the data folder.',
    },
    label: {
      type: 'text',
      label: 'Label column',
      help: 'Name of the column with the classes, or its number from 1 in a table without names. Empty: the last one.',
      default: '',
    },
    separator: {
      type: 'choice',
      label: 'Separator',
      help: 'What stands between two columns.',
      default: 'comma',
      options: [
        { value: 'comma', label: 'Comma' },
        { value: 'semicolon', label: 'Semicolon' },
        { value: 'tab', label: 'Tab' },
      ],
    },
    ...splitFields,
  }),
  locate({ folder }, dataFolder) {
    const path = folder || join(dataFolder, 'csv');
    return existsSync(path) ? resolve(path) : undefined;
  },
  async load(values, environment) {
    const path = await tablePath(values.folder || join(environment.dataFolder, 'csv'));
    const table = readTable(
      await readFile(path, 'utf8'),
      basename(path),
      separators[values.separator],
      values.label,
    );
    const { classNames, features } = table;
    const split = stratifiedSplit(table.labels, classNames, values);
    return assembleDataset({
      id: 'csv',
      title: basename(path),
      shape: [features, 1, 1],
      classNames,
      train: takeRows(table, split.train),
      test: takeRows(table, split.test),
      origin: path,
    });
  },
});

async function tablePath(path: string): Promise<string> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return resolve(path);
  const folder = existingFolder(path);
  const tables = (await readdir(folder)).filter((name) => /\.csv$/i.test(name));
  if (tables.length !== 1) {
    throw new UserError(
      'no-data',
      `dataset.folder: ${show(folder)} has ${tables.length} .csv files; expected exactly 1, or the path of one`,
      'dataset.folder',
    );
  }
  return join(folder, tables[0]);
}

interface Table {
  features: number;
  /** [rows][features]. */
  values: Float32Array;
  labels: Int32Array;
  classNames: string[];
}

interface Row {
  cells: string[];
  /** In the file, from 1. */
  line: number;
}

/**
 * Reads a table. Its first row is taken for column names when a feature cell in it is not a number.
 * @param label name or number of the label column; '' for the last
 * @throws UserError `bad-data` naming the row and column that cannot be used
 */
function readTable(text: string, name: string, separator: string, label: string): Table {
  const rows = parseRows(text, name, separator);
  const columns = rows[0]?.cells.length ?? 0;
  if (columns < 2) {
    throw new UserError(
      'bad-data',
      `${name} has ${columns} columns; expected at least one feature and the label`,
    );
  }
  const first = rows[0].cells;
  const named = first.indexOf(label);
  const guess = label === '' ? columns - 1 : named >= 0 ? named : Number(label) - 1;
  const hasHeader = named >= 0 || first.some((cell, column) => column !== guess && !isNumber(cell));
  const header = hasHeader ? first : first.map((_, column) => String(column + 1));
  const labelColumn = label === '' ? columns - 1 : header.indexOf(label);
  if (labelColumn < 0) {
    throw new UserError(
      'bad-config',
      `dataset.label: ${name} has no column ${show(label)}; expected one of ${header.join(', ')}`,
      'dataset.label',
    );
  }
  const data = hasHeader ? rows.slice(1) : rows;
  const classNames = distinct(data.map((row) => row.cells[labelColumn]));
  if (classNames.length < 2) {
    throw new UserError(
      'bad-data',
      `${name}: column ${header[labelColumn]} has ${classNames.length === 1 ? `only the class ${show(classNames[0])}` : 'no classes'}; ` +
        'expected at least 2',
    );
  }
  const labelOf = new Map(classNames.map((className, index) => [className, index]));
  const features = columns - 1;
  const values = new Float32Array(data.length * features);
  for (const [row, { cells, line }] of data.entries()) {
    let at = row * features;
    for (const [column, cell] of cells.entries()) {
      if (column === labelColumn) continue;
      if (!isNumber(cell)) {
        throw new UserError(
          'bad-data',
          `${name}, line ${line}, column ${header[column]}: ${show(cell)} is not a number; features must be numeric`,
        );
      }
      values[at++] = Number(cell);
    }
  }
  const labels = Int32Array.from(data, (row) => labelOf.get(row.cells[labelColumn])!);
  return { features, values, labels, classNames };
}

function parseRows(text: string, name: string, separator: string): Row[] {
  try {
    const records = parse(text, {
      delimiter: separator,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    });
    return (records as unknown as { record: string[]; info: { lines: number } }[]).map(
      ({ record, info }) => ({
        cells: record,
        line: info.lines,
      }),
    );
  } catch (cause) {
    throw new UserError('bad-data', `${name} is not a table: ${(cause as Error).message}`, undefined, {
      cause,
    });
  }
}

const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Math.fround(Number(cell)));

/** Class names in numeric order where all are numbers, otherwise in the order of their characters. */
function distinct(labels: readonly string[]): string[] {
  const names = [...new Set(labels)];
  return names.every(isNumber) ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}

function takeRows({ values, labels, features }: Table, rows: readonly number[]): Split {
  const samples = new Float32Array(rows.length * features);
  rows.forEach((from, to) =>
    samples.set(values.subarray(from * features, (from + 1) * features), to * features),
  );
  return { samples, labels: Int32Array.from(rows, (row) => labels[row]), count: rows.length };
}
