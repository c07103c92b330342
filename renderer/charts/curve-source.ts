import { watch } from 'vue';
import type { Events, XKind } from '../../shared/contract.ts';
import type { Curves } from '../../shared/curves.ts';
import type { HostClient } from '../host/client.ts';
import { DrawnCurve } from './drawn-curve.ts';
import { LiveX } from './live-x.ts';

export interface CurveQuery {
  series: readonly { runId: string; key: string }[];
  x: XKind;
  /** Range in units of x; everything if left out. */
  range: readonly [number, number] | undefined;
  /** Points per series that the chart can show, at least 3. */
  buckets: number;
  smoothing: number;
}

/**
 * The curves of one chart: read from the host as buckets, continued by live frames, and read again when the tail
 * has grown as long as the buckets, when history was cut back, or after a lost connection.
 */
export class CurveSource {
  error: unknown;
  /** False until the first answer to the newest query. */
  isCurrent = false;
  readonly #host: HostClient;
  readonly #onChange: () => void;
  readonly #stop: (() => void)[];
  #query: CurveQuery | undefined;
  #runIds = new Set<string>();
  #curves = new Map<string, DrawnCurve>();
  #liveX = new Map<string, LiveX>();
  #requests = 0;
  #isReading = false;
  /** Frames since the query under way was sent; its answer may or may not contain their points. */
  #meanwhile: Events['run.frame'][] = [];

  /** @param onChange is told of new points, answers and errors; call `dispose` when done */
  constructor(host: HostClient, onChange: () => void) {
    this.#host = host;
    this.#onChange = onChange;
    this.#stop = [
      host.on('run.frame', (payload) => this.#receive(payload)),
      host.on('run.truncated', ({ runId }) => this.#runIds.has(runId) && void this.read()),
      watch(host.status, (status) => status === 'open' && void this.read()),
    ];
  }

  /** Reads if anything differs from the last query. */
  show(query: CurveQuery): void {
    if (JSON.stringify(query) === JSON.stringify(this.#query)) return;
    this.#query = query;
    this.#runIds = new Set(query.series.map(({ runId }) => runId));
    void this.read();
  }

  curve(runId: string, key: string): DrawnCurve | undefined {
    return this.#curves.get(`${runId}/${key}`);
  }

  /** What the curves on show were read with; axes belong to this, not to a query under way. */
  shown: CurveQuery | undefined;

  dispose(): void {
    this.#requests++;
    this.#query = undefined;
    for (const stop of this.#stop) stop();
  }

  /** Reads the curves again. */
  async read(): Promise<void> {
    const query = this.#query;
    if (!query) return;
    const request = ++this.#requests;
    this.#isReading = true;
    this.isCurrent = false;
    this.#meanwhile = [];
    try {
      const answer =
        query.series.length === 0 ? { series: [] } : await this.#host.call('curves.read', toInput(query));
      if (request !== this.#requests) return;
      this.#accept(answer, query);
      this.error = undefined;
    } catch (error) {
      if (request !== this.#requests) return;
      this.error = error;
    }
    this.#isReading = false;
    this.isCurrent = true;
    this.#onChange();
  }

  #accept(answer: Curves, query: CurveQuery): void {
    this.#curves = new Map();
    this.#liveX = new Map();
    this.shown = query;
    const anchors = new Map<string, { step: number; x: number }>();
    for (const read of answer.series) {
      const curve = new DrawnCurve(read, query.smoothing);
      this.#curves.set(`${read.runId}/${read.key}`, curve);
      const end = curve.length - 1;
      if (end >= 0 && curve.steps[end] >= (anchors.get(read.runId)?.step ?? 0)) {
        anchors.set(read.runId, { step: curve.steps[end], x: curve.x[end] });
      }
    }
    for (const [runId, anchor] of anchors) this.#liveX.set(runId, new LiveX(query.x, anchor));
    for (const payload of this.#meanwhile) this.#append(payload, query);
    this.#meanwhile = [];
  }

  #receive(payload: Events['run.frame']): void {
    const query = this.#query;
    if (!query || payload.frame.type !== 'scalars' || !this.#runIds.has(payload.runId)) return;
    if (this.#isReading) this.#meanwhile.push(payload);
    if (this.shown && this.#append(payload, this.shown)) this.#onChange();
  }

  /** @returns whether the chart shows something new */
  #append({ runId, frame }: Events['run.frame'], query: CurveQuery): boolean {
    if (frame.type !== 'scalars') return false;
    const mine = frame.series.filter(({ key }) =>
      query.series.some((s) => s.runId === runId && s.key === key),
    );
    const liveX = this.#liveX.get(runId);
    const xOf = liveX?.of(frame);
    if (mine.length === 0) return false;
    // Nothing of this run was stored yet, so nobody knows how its steps map to x.
    if (!xOf) {
      if (!this.#isReading) void this.read();
      return false;
    }
    const end = query.range?.[1] ?? Infinity;
    let longest = 0;
    for (const { key, steps, values, wallMs } of mine) {
      const curve = this.curve(runId, key);
      if (!curve) continue;
      for (let i = 0; i < steps.length; i++) {
        const x = xOf(steps[i], wallMs[i]);
        if (x <= end) curve.append(steps[i], x, values[i]);
      }
      longest = Math.max(longest, curve.tail);
    }
    if (longest > query.buckets && !this.#isReading) void this.read();
    return longest > 0;
  }
}

function toInput({ series, x, range, buckets, smoothing }: CurveQuery) {
  const [from, to] = range ?? [];
  return { series: series.map(({ runId, key }) => ({ runId, key })), x, from, to, buckets, smoothing };
}
