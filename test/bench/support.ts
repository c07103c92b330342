import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchFolder = dirname(fileURLToPath(import.meta.url));
export const threads = 2;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs one of the PyTorch scripts beside this file; undefined, said aloud once, where PyTorch is not installed. */
export function pytorch<T>(script: string, ...args: (string | number)[]): T | undefined {
  if (!pytorchInstalled()) return undefined;
  const output = execFileSync('python3', [join(benchFolder, 'pytorch', script), ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as T;
}

let installed: boolean | undefined;
/** Whether python3 has PyTorch; says so once where not. */
export function pytorchInstalled(): boolean {
  if (installed !== undefined) return installed;
  try {
    execFileSync('python3', ['-c', 'import torch'], { stdio: 'ignore' });
    installed = true;
  } catch {
    console.log('PyTorch is not installed for python3 (pip install torch): no column for it.');
    installed = false;
  }
  return installed;
}

/** The machine in one line, for the head of every result file. */
export function machine(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpu}, ${cpus().length} cores, ${process.platform}-${process.arch}, Node ${process.versions.node}`;
}

/** Prints a Markdown report and keeps it under `test/bench/results/`. */
export function publish(name: string, markdown: string): void {
  const folder = join(benchFolder, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), `${markdown.trim()}\n`);
  console.log(markdown.trim());
  console.log(`\nwritten to test/bench/results/${name}.md`);
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The cells of one measurement: ours, PyTorch's, their ratio, and whether it is within the limit set for it. */
export function comparison(ms: number, reference: number | undefined, limit: number | undefined): string[] {
  if (reference === undefined) return [ms.toFixed(3), '–', '–', ''];
  const ratio = ms / reference;
  const verdict = limit === undefined ? '' : `${ratio <= limit ? 'met' : '**missed**'} (≤ ${limit})`;
  return [ms.toFixed(3), reference.toFixed(3), ratio.toFixed(3), verdict];
}

/** A folder of reference data: `../shared/data/<name>` beside the checkout or `FILIGREE_DATA/<name>`. */
export function dataFolder(name: string): string | undefined {
  const candidates = [
    ...(process.env.FILIGREE_DATA ? [join(process.env.FILIGREE_DATA, name)] : []),
    join(benchFolder, '..', '..', '..', 'shared', 'data', name),
    ...(name === 'fashion-mnist' ? ['/usr/share/datasets/fashion-mnist'] : []),
  ];
  return candidates.find((folder) => existsSync(folder));
}
