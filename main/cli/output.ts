export { duration, percent, quantity } from '../../shared/amounts.ts';

/** Text goes to stdout, everything that is not a result (progress, warnings) to stderr. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Rows of cells as aligned columns; numbers are aligned to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const right = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.]/.test(String(row[column]))),
  );
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const blocks = '▁▂▃▄▅▆▇█';

/** A curve in one line: `width` buckets, each the mean of its points; gaps where nothing is finite. */
export function sparkline(values: ArrayLike<number>, width = 48): string {
  const means: number[] = [];
  const buckets = Math.min(width, values.length);
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * values.length) / buckets);
    const to = Math.max(from + 1, Math.floor(((b + 1) * values.length) / buckets));
    const finite = Array.from({ length: to - from }, (_, i) => values[from + i]).filter(Number.isFinite);
    means.push(finite.reduce((sum, v) => sum + v, 0) / finite.length);
  }
  const known = means.filter(Number.isFinite);
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  return means
    .map((m) => (Number.isFinite(m) ? blocks[Math.min(7, Math.floor((8 * (m - low)) / span))] : ' '))
    .join('');
}
