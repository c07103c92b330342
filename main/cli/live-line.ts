import type { Metric, RunRow } from '../../shared/run-view.ts';
import { LiveProgress, type RunProgress } from '../app/live-progress.ts';
import { duration, note, percent } from './output.ts';

/**
 * What the terminal of a served workbench shows of its runs: on a terminal one line that is redrawn, elsewhere a line
 * per change of state.
 */
export class LiveLine {
  readonly #progress = new LiveProgress();
  readonly #isTerminal: boolean;
  #drawn = false;

  constructor(isTerminal = process.stderr.isTTY) {
    this.#isTerminal = isTerminal;
  }

  /** Rows as the host reports them. The first report of a run that is not live says nothing new. */
  update(rows: readonly RunRow[]): void {
    const known = new Set(this.#progress.runs.map(({ row }) => row.id));
    for (const row of this.#progress.update(rows)) {
      if (known.has(row.id) || this.#isLive(row)) this.say(describeChange(row));
    }
    this.#draw();
  }

  /** A line of its own above the one that is redrawn. */
  say(text: string): void {
    this.clear();
    note(text);
  }

  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[2K');
    this.#drawn = false;
  }

  #isLive = ({ id }: RunRow) => this.#progress.runs.some(({ row }) => row.id === id);

  #draw(): void {
    const { runs } = this.#progress;
    if (!this.#isTerminal) return;
    if (runs.length === 0) return this.clear();
    const text = runs.map(describeRun).join('  |  ');
    process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 200) - 1)}`);
    this.#drawn = true;
  }
}

function describeRun({ row, fraction, etaMs }: RunProgress): string {
  return [
    row.name,
    row.state === 'running' && fraction !== undefined ? percent(fraction, 0) : row.state,
    metric(row, 'train/loss', 'loss', (v) => v.last.toFixed(3)),
    metric(row, 'test/accuracy', 'test', (v) => percent(v.last)),
    metric(row, 'density', 'density', (v) => percent(v.last)),
    etaMs === undefined ? '' : `ETA ${duration(etaMs)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

const describeChange = (row: RunRow) =>
  [
    `${row.name}: ${row.state}`,
    row.state === 'finished' ? metric(row, 'test/accuracy', 'test', (v) => percent(v.last)) : '',
    row.reason ?? '',
  ]
    .filter(Boolean)
    .join(' · ');

function metric(row: RunRow, key: string, name: string, write: (value: Metric) => string): string {
  const value = row.metrics[key];
  return value ? `${name} ${write(value)}` : '';
}
