import type { RunRow } from '../../shared/run-view.ts';
import { quote, tokenize, type Token } from './filter.ts';

/** The values that a filter asks for by `key:`, so that a menu can show them as chosen. */
export function chosenValues(text: string, key: string): string[] {
  return tokenize(text)
    .filter(isChoice(key))
    .flatMap(({ values }) => values);
}

/** The filter with `key:value` put in or, if it is there, taken out; values of one key stand in one term. */
export function toggleValue(text: string, key: string, value: string): string {
  const chosen = chosenValues(text, key);
  const next = chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value];
  return withValues(text, key, next);
}

/** The filter asking for exactly these values of a key; none takes the term out. */
export function withValues(text: string, key: string, values: readonly string[]): string {
  const written = values.length === 0 ? '' : `${key}:${values.map(quote).join(',')}`;
  const terms = tokenize(text);
  const at = terms.findIndex(isChoice(key));
  const texts = terms.map((term) => (isChoice(key)(term) ? '' : term.text));
  if (at < 0) texts.push(written);
  else texts[at] = written;
  return texts.filter((term) => term !== '').join(' ');
}

const isChoice = (key: string) => (token: Token) =>
  token.key === key && !token.negated && (token.operator === ':' || token.operator === '=');

/** How many of these runs have each value, most frequent first. */
export function countValues(
  rows: readonly RunRow[],
  valuesOf: (row: RunRow) => readonly string[],
): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
