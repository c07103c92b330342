import { isLive } from '../../shared/run-state.ts';
import type { RunRow } from '../../shared/run-view.ts';
import { isNumeric, type Column } from './columns.ts';
import { readNumber } from './quantity.ts';

/**
 * The filter language: terms with spaces between, all of which must hold; `-` before a term turns it round.
 *
 * - `rigl`, `"two words"`: somewhere in name, method, model, data set, tags or id
 * - `method:rigl,set`: one of these, `*` stands for anything; in a name or a reason: contains it
 * - `accuracy>0.88` `density<=10%` `method.lambda>=0.01` `seed=3` `created>=2026-11-20`: true only of runs that have
 *   such a value
 * - `has:method.lambda`, `starred`, `archived`, `live`
 */
export interface Filter {
  test(row: RunRow): boolean;
  problems: Problem[];
  /** It speaks about archived runs itself, so they are not hidden from it. */
  wantsArchived: boolean;
}

/** What of the text was not understood; those terms are left out of the filter. */
export interface Problem {
  from: number;
  to: number;
  message: string;
}

export interface Token {
  from: number;
  to: number;
  /** As typed. */
  text: string;
  negated: boolean;
  /** Before the operator, `''` for a word that stands alone. */
  key: string;
  operator: Operator | '';
  /** What follows, without quotation marks. */
  value: string;
  /** The same, split at the commas that stand outside quotation marks. */
  values: string[];
  quoted: boolean;
  /** Its last quotation mark is missing. */
  isOpen: boolean;
}

type Test = (row: RunRow) => boolean;

export type Operator = ':' | '=' | '!=' | '<' | '<=' | '>' | '>=';

/** What names in a filter mean. */
export interface Vocabulary {
  /** Every name that can stand before an operator, also short ones (`accuracy`), with its column. */
  columns: ReadonlyMap<string, Column>;
}

export const flags: Record<string, Test> = {
  starred: (row) => row.starred,
  archived: (row) => row.archived,
  live: (row) => isLive(row.state),
};

const tokenPattern = /(-?)(?:([\p{L}\w./]+)(>=|<=|!=|[:=<>]))?((?:"(?:[^"\\]|\\.)*"?|[^\s"])*)/gu;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(tokenPattern)) {
    const [whole, minus, key = '', operator = '', raw] = match;
    if (whole === '' || whole === '-') continue;
    tokens.push({
      from: match.index,
      to: match.index + whole.length,
      text: whole,
      negated: minus !== '',
      key,
      operator: operator as Operator | '',
      quoted: raw.startsWith('"'),
      ...readQuotes(raw),
    });
  }
  return tokens;
}

function readQuotes(raw: string): Pick<Token, 'value' | 'values' | 'isOpen'> {
  const values = [''];
  let value = '';
  let isOpen = false;
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '"') {
      isOpen = !isOpen;
      continue;
    }
    if (isOpen && raw[i] === '\\') i++;
    value += raw[i] ?? '';
    if (raw[i] === ',' && !isOpen) values.push('');
    else values[values.length - 1] += raw[i] ?? '';
  }
  return { value, values: values.filter((v) => v !== ''), isOpen };
}

/** Writes a value so that `tokenize` reads it back as one. */
export function quote(value: string): string {
  return value === '' || /[\s",\\]/.test(value) ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value;
}

/** Never throws: what cannot be understood is reported and left out. */
export function parseFilter(text: string, vocabulary: Vocabulary): Filter {
  const problems: Problem[] = [];
  const tests: Test[] = [];
  let wantsArchived = false;
  for (const token of tokenize(text)) {
    const made = term(token, vocabulary);
    if (typeof made === 'string') problems.push({ from: token.from, to: token.to, message: made });
    else tests.push(token.negated ? (row) => !made(row) : made);
    wantsArchived ||= token.operator === '' && !token.quoted && token.value === 'archived';
  }
  return { test: (row) => tests.every((test) => test(row)), problems, wantsArchived };
}

/** @returns a test of a run, or a sentence saying what is wrong */
function term(token: Token, { columns }: Vocabulary): Test | string {
  const { key, operator, value, values, quoted } = token;
  if (token.isOpen) return 'a quotation mark is not closed';
  if (operator === '') {
    if (!quoted && Object.hasOwn(flags, value)) return flags[value];
    const wanted = value.toLowerCase();
    return (row) => searchText(row).includes(wanted);
  }
  if (key === 'has') {
    const column = columns.get(value);
    return column ? (row) => hasValue(column, row) : unknownName(value, columns);
  }
  const column = columns.get(key);
  if (!column) return unknownName(key, columns);
  if (isNumeric(column)) return comparison(column, operator, values, key);
  if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') {
    return `${key} is no number: write ${key}:${value || 'value'}`;
  }
  if (values.length === 0) return `here comes a value of ${key}`;
  const matches = textMatch(column, values);
  return operator === '!=' ? (row) => hasValue(column, row) && !matches(row) : matches;
}

function comparison(
  column: Column,
  operator: Operator,
  values: readonly string[],
  key: string,
): Test | string {
  // `seed:1,2,3` is a choice of numbers.
  if (values.length > 1) {
    if (operator !== ':' && operator !== '=') return `${key}${operator} takes one number`;
    const tests: Test[] = [];
    for (const value of values) {
      const test = comparison(column, operator, [value], key);
      if (typeof test === 'string') return test;
      tests.push(test);
    }
    return (row: RunRow) => tests.some((test) => test(row));
  }
  const [text = ''] = values;
  const read = readNumber(column.kind, text);
  // A setting may be a text in one method and a number in another.
  if ('problem' in read && operator === ':' && column.section.endsWith('settings') && text !== '') {
    return textMatch(column, [text]);
  }
  if ('problem' in read) return `${key}: ${read.problem}`;
  const wanted = read.value;
  // A day is all of its hours.
  const isDay = column.kind === 'time' && !text.includes('T');
  const compare = comparisons[operator](wanted, isDay ? wanted + 8.64e7 : undefined);
  return (row: RunRow) => {
    const value = column.value(row);
    return typeof value === 'number' && !Number.isNaN(value) && compare(value);
  };
}

const equals = (wanted: number, end?: number) => (value: number) =>
  end === undefined ? value === wanted : value >= wanted && value < end;

const comparisons: Record<Operator, (wanted: number, end?: number) => (value: number) => boolean> = {
  ':': equals,
  '=': equals,
  '!=': (wanted, end) => (value) => !equals(wanted, end)(value),
  '<': (wanted) => (value) => value < wanted,
  '>=': (wanted) => (value) => value >= wanted,
  '<=': (wanted, end) => (value) => (end === undefined ? value <= wanted : value < end),
  '>': (wanted, end) => (value) => (end === undefined ? value > wanted : value >= end),
};

function textMatch(column: Column, alternatives: readonly string[]): Test {
  const isPart = column.kind === 'name' || column.kind === 'text';
  const patterns = alternatives.map((text) => {
    const pattern = text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(isPart ? pattern : `^${pattern}$`, 'is');
  });
  const matches = (text: string) => patterns.some((pattern) => pattern.test(text));
  return (row) => {
    const value = column.value(row);
    if (Array.isArray(value)) return value.some((item: string) => matches(item));
    return value !== undefined && matches(String(value));
  };
}

function hasValue(column: Column, row: RunRow): boolean {
  const value = column.value(row);
  return Array.isArray(value) ? value.length > 0 : value !== undefined && !Number.isNaN(value);
}

function unknownName(name: string, columns: ReadonlyMap<string, Column>): string {
  const close = closest(name, columns.keys());
  return `nothing is called “${name}”${close ? `; did you mean “${close}”?` : ''}`;
}

function closest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(name.length / 2)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

/** Rows are replaced when they change, so what was made of one stays true. */
const searchTexts = new WeakMap<RunRow, string>();

/** Everything that free text is looked for in, lower case. */
export function searchText(row: RunRow): string {
  let text = searchTexts.get(row);
  if (text === undefined) {
    text = [row.name, row.method, row.model, row.dataset, ...row.tags, row.id].join('\n').toLowerCase();
    searchTexts.set(row, text);
  }
  return text;
}
