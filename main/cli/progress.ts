import type { Frame } from '../../shared/frames.ts';
import type { RunListener } from '../app/active-run.ts';
import type { Provenance } from '../training/messages.ts';
import { duration, note, percent, printJson } from './output.ts';

/** What a terminal shows while a run trains: one line that is redrawn, or one JSON line per frame. */
export function progressListener(mode: 'bar' | 'lines' | 'json' | 'silent'): RunListener & { end(): void } {
  if (mode === 'json') return { ...jsonListener, end() {} };
  const line = new ProgressLine(mode);
  return {
    onProgress: (text, fraction) =>
      line.status(fraction === undefined ? text : `${text} ${percent(fraction, 0)}`),
    onPrepared: (provenance) => line.prepared(provenance),
    onFrame: (frame) => line.frame(frame),
    end: () => line.end(),
  };
}

const jsonListener: RunListener = {
  onProgress: (text, fraction) => printJson({ type: 'progress', text, fraction }),
  onPrepared: (provenance) => printJson({ type: 'prepared', ...provenance }),
  onFrame(frame) {
    if (frame.type === 'scalars') {
      const last = Object.fromEntries(
        frame.series.map((s) => [s.key, { step: s.steps.at(-1), value: s.values.at(-1) }]),
      );
      printJson({ type: 'scalars', series: last });
    } else if (frame.type === 'topology') {
      printJson({
        type: 'topology',
        step: frame.step,
        layers: frame.layers.map(({ name, nnz }) => ({ name, nnz })),
      });
    } else printJson(frame);
  },
};

class ProgressLine {
  readonly #mode: 'bar' | 'lines' | 'silent';
  #provenance: Provenance | undefined;
  #latest = new Map<string, number>();
  #started = performance.now();
  #startStep: number | undefined;
  #step = 0;
  #lastEpoch = -1;

  constructor(mode: 'bar' | 'lines' | 'silent') {
    this.#mode = mode;
  }

  prepared(provenance: Provenance): void {
    this.#provenance = provenance;
    this.#started = performance.now();
    if (this.#mode !== 'silent') {
      const threads = `${provenance.threads} thread${provenance.threads === 1 ? '' : 's'}`;
      note(
        `${provenance.engine}, ${threads} · data: ${provenance.datasetOrigin} · ${provenance.totalSteps} steps`,
      );
    }
  }

  status(text: string): void {
    if (this.#mode === 'bar') process.stderr.write(`\r\x1b[2K${text}`);
  }

  frame(frame: Frame): void {
    if (frame.type === 'event' && this.#mode !== 'silent') {
      this.#clear();
      note(`${frame.level === 'info' ? '' : `${frame.level}: `}${frame.text}`);
    }
    if (frame.type !== 'scalars') return;
    for (const { key, values, steps } of frame.series) {
      this.#latest.set(key, values.at(-1)!);
      this.#step = Math.max(this.#step, steps.at(-1)! + 1);
    }
    this.#startStep ??= this.#step;
    if (this.#mode === 'bar') process.stderr.write(`\r\x1b[2K${this.#line()}`);
    const epoch = this.#latest.get('epoch') ?? 0;
    if (this.#mode === 'lines' && epoch > this.#lastEpoch) note(this.#line());
    this.#lastEpoch = Math.max(epoch, this.#lastEpoch);
  }

  #line(): string {
    const total = this.#provenance?.totalSteps ?? this.#step;
    const share = Math.min(1, this.#step / total);
    const perStep = (performance.now() - this.#started) / Math.max(1, this.#step - (this.#startStep ?? 0));
    const value = (key: string, write: (v: number) => string) =>
      this.#latest.has(key) ? write(this.#latest.get(key)!) : '–';
    const filled = Math.round(share * 20);
    const columns = process.stderr.columns ?? 200;
    return [
      `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${percent(share, 0).padStart(5)}`,
      `loss ${value('train/loss', (v) => v.toFixed(3))}`,
      `test ${value('test/accuracy', (v) => percent(v))}`,
      `density ${value('density', (v) => percent(v))}`,
      `FLOPs ${value('flops/percentOfDense', (v) => `${v.toFixed(1)} %`)}`,
      `ETA ${duration(Math.max(0, total - this.#step) * perStep)}`,
    ]
      .join(' · ')
      .slice(0, columns - 1);
  }

  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#mode === 'bar') process.stderr.write('\r\x1b[2K');
  }
}
