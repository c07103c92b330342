import type { RunRow } from '../../shared/run-view.ts';
import type { Column, Value } from './columns.ts';

/** The table as a spreadsheet reads it: raw numbers in the columns' own units, times as ISO 8601, no formatting. */
export function runsCsv(rows: readonly RunRow[], columns: readonly Column[]): string {
  const head = columns.map(({ id }) => id);
  return csv([head, ...rows.map((row) => columns.map((column) => rawValue(column, column.value(row))))]);
}

function rawValue({ kind }: Column, value: Value | undefined): string {
  if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return '';
  if (kind === 'time') return new Date(value as number).toISOString();
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** RFC 4180. Texts that a spreadsheet would run as a formula get an apostrophe in front. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const isNumber = text !== '' && !Number.isNaN(Number(text));
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A GitHub-flavoured table; the first column is text, the others are numbers and stand right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) =>
    row.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')),
  );
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |\n`).join('');
}
