import type { RunRow } from '../../shared/run-view.ts';
import { isNumeric, type Column } from './columns.ts';
import { countValues } from './facets.ts';
import { flags, quote, tokenize, type Vocabulary } from './filter.ts';

/** A way to go on with the term at the caret: replaces the text from `from` to `to`. */
export interface Suggestion {
  from: number;
  to: number;
  insert: string;
  label: string;
  hint: string;
}

const limit = 12;

/**
 * What can be typed at the caret: names of columns and flags, and after `:` the values that runs have, most frequent
 * first. None where the term is complete.
 */
export function suggest(
  text: string,
  caret: number,
  vocabulary: Vocabulary,
  rows: readonly RunRow[],
): Suggestion[] {
  const token = tokenize(text).find(({ from, to }) => from < caret && caret <= to);
  // Between complete terms nothing is offered, so that the list does not cover what the filter found.
  if (!token) return text.trim() === '' ? names(caret, caret, '', '', vocabulary) : [];
  const { from, to, key, operator, negated, quoted } = token;
  const minus = negated ? '-' : '';
  if (operator === '') return quoted ? [] : names(from, to, minus, token.value, vocabulary);
  if (key === 'has') {
    const found = names(from, to, `${minus}has:`, token.value, vocabulary);
    return found.filter(({ hint }) => hint !== 'flag').map((s) => ({ ...s, insert: s.insert.slice(0, -1) }));
  }
  const column = vocabulary.columns.get(key);
  if (!column || isNumeric(column) || (operator !== ':' && operator !== '=')) return [];
  return values(token, column, rows);
}

function names(
  from: number,
  to: number,
  before: string,
  typed: string,
  { columns }: Vocabulary,
): Suggestion[] {
  const wanted = typed.toLowerCase();
  const all = [
    ...Object.keys(flags).map((name) => ({ name, after: '', hint: 'flag' })),
    ...[...columns].map(([name, column]) => ({
      name,
      after: isNumeric(column) ? '>' : ':',
      hint: column.title,
    })),
  ];
  const rank = ({ name, hint }: { name: string; hint: string }) =>
    name.toLowerCase().startsWith(wanted)
      ? 0
      : name.toLowerCase().includes(wanted)
        ? 1
        : hint.toLowerCase().includes(wanted)
          ? 2
          : 3;
  return all
    .map((entry) => ({ entry, order: rank(entry) }))
    .filter(({ order, entry }) => order < 3 && entry.name !== typed)
    .sort((a, b) => a.order - b.order)
    .slice(0, limit)
    .map(({ entry: { name, after, hint } }) => ({
      from,
      to,
      insert: `${before}${name}${after}`,
      label: name,
      hint,
    }));
}

function values(
  token: ReturnType<typeof tokenize>[number],
  column: Column,
  rows: readonly RunRow[],
): Suggestion[] {
  const { from, to, text, value } = token;
  // Only the alternative that is being typed is replaced.
  const typed = value.slice(value.lastIndexOf(',') + 1).toLowerCase();
  const kept = text.slice(0, text.length - (text.endsWith(typed) || typed === '' ? typed.length : 0));
  const chosen = new Set(token.values);
  return countValues(rows, (row) => {
    const found = column.value(row);
    return found === undefined ? [] : Array.isArray(found) ? found : [String(found)];
  })
    .filter(({ value }) => value.toLowerCase().includes(typed) && !chosen.has(value))
    .slice(0, limit)
    .map(({ value, count }) => ({
      from,
      to,
      insert: `${kept}${quote(value)}`,
      label: value,
      hint: count === 1 ? '1 run' : `${count} runs`,
    }));
}
