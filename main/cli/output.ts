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

export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${ms.toFixed(0)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 1.23 k, 45.6 M, 7.89 G. */
export function quantity(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P', ' E'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? scaled.toFixed(0) : scaled.toPrecision(3)}${units[power]}`;
}

export const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;
