import type { Curve } from '../../shared/curves.ts';

/**
 * A curve as it is drawn: the host's buckets, then every point that arrived since as a bucket of its own. The moving
 * average goes on from the host's state, so that the tail equals what a new query over all points would give.
 * Columns are longer than `length`: they grow in place and must never become reactive.
 */
export class DrawnCurve {
  readonly runId: string;
  readonly key: string;
  /** Valid entries of every column. */
  length: number;
  x: Float64Array;
  steps: Float64Array;
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
  smooth: Float64Array;
  nonFinite: Uint32Array;
  /** Points in the range asked for, and in the whole series. */
  points: number;
  total: number;
  /** Live points since the query. */
  tail = 0;
  readonly #smoothing: number;
  readonly #headEnd: number;
  #average: { biased: number; weight: number };

  /** @param smoothing weight of the moving average that the curve was read with */
  constructor(curve: Curve, smoothing: number) {
    this.runId = curve.runId;
    this.key = curve.key;
    this.length = curve.x.length;
    this.x = curve.x;
    this.steps = curve.steps;
    this.min = curve.min;
    this.max = curve.max;
    this.last = curve.last;
    this.smooth = curve.smooth;
    this.nonFinite = curve.nonFinite;
    this.points = curve.points;
    this.total = curve.total;
    this.#smoothing = smoothing;
    this.#headEnd = this.length > 0 ? curve.steps[this.length - 1] : -1;
    this.#average = { ...curve.average };
  }

  /** Adds a live point; one that the query already contained is passed over. */
  append(step: number, x: number, value: number): void {
    if (step <= this.#headEnd) return;
    if (this.length === this.x.length) this.#grow();
    const i = this.length++;
    const finite = Number.isFinite(value);
    this.x[i] = x;
    this.steps[i] = step;
    this.min[i] = this.max[i] = finite ? value : NaN;
    this.last[i] = value;
    this.smooth[i] = finite ? this.#smoothed(value) : value;
    this.nonFinite[i] = finite ? 0 : 1;
    this.points++;
    this.total++;
    this.tail++;
  }

  /** Debiased exponential moving average; values that are not finite never reach it. */
  #smoothed(value: number): number {
    const w = this.#smoothing;
    if (w === 0) return value;
    const average = this.#average;
    average.biased = w * average.biased + (1 - w) * value;
    average.weight = w * average.weight + (1 - w);
    return average.biased / average.weight;
  }

  #grow(): void {
    const capacity = Math.max(64, this.length * 2);
    const larger = (column: Float64Array) => {
      const copy = new Float64Array(capacity);
      copy.set(column);
      return copy;
    };
    this.x = larger(this.x);
    this.steps = larger(this.steps);
    this.min = larger(this.min);
    this.max = larger(this.max);
    this.last = larger(this.last);
    this.smooth = larger(this.smooth);
    const counts = new Uint32Array(capacity);
    counts.set(this.nonFinite);
    this.nonFinite = counts;
  }

  /** Index of the point nearest to `x`; -1 if there is none. */
  nearest(x: number): number {
    const i = lowerBound(this.x, x, this.length);
    if (i === this.length) return this.length - 1;
    if (i === 0) return 0;
    return x - this.x[i - 1] <= this.x[i] - x ? i - 1 : i;
  }

  /** Where a step lies on the x axis, between the points around it; undefined outside of the curve. */
  xOfStep(step: number): number | undefined {
    const n = this.length;
    if (n === 0 || step < this.steps[0] || step > this.steps[n - 1]) return undefined;
    const i = lowerBound(this.steps, step, n);
    if (i === 0 || this.steps[i] === step) return this.x[i];
    const share = (step - this.steps[i - 1]) / (this.steps[i] - this.steps[i - 1]);
    return this.x[i - 1] + share * (this.x[i] - this.x[i - 1]);
  }
}

/** First index in the ascending column whose value is not below `value`; `length` if there is none. */
function lowerBound(column: Float64Array, value: number, length: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
