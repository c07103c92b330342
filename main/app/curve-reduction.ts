import type { Curve } from '../../shared/curves.ts';
import type { Points } from '../store/run-store.ts';

/** Equal buckets from `from` to `to`, shared by all curves of a picture. */
export interface Grid {
  from: number;
  to: number;
  buckets: number;
}

type Reduced = Omit<Curve, 'runId' | 'key'>;

/**
 * Reduces the points `range.first` to before `range.end` to at most `grid.buckets` entries. Few enough points are
 * returned as they are; else the first point keeps an entry of its own and the last one ends its bucket, so that a
 * chart never loses a peak or an end.
 * @param x of every point of the series, ascending
 * @param smoothing weight of a moving average over all points of the series, the ones before the range included
 */
export function reduceCurve(
  { steps, values }: Points,
  x: Float64Array,
  range: { first: number; end: number },
  grid: Grid,
  smoothing: number,
): Reduced {
  const { first, end } = range;
  const points = Math.max(0, end - first);
  const asIs = points <= grid.buckets;
  const inner = grid.buckets - 1;
  const scale = grid.to > grid.from ? inner / (grid.to - grid.from) : 0;
  const size = Math.min(points, grid.buckets);
  const out = {
    x: new Float64Array(size),
    steps: new Float64Array(size),
    min: new Float64Array(size).fill(NaN),
    max: new Float64Array(size).fill(NaN),
    last: new Float64Array(size),
    smooth: new Float64Array(size),
    nonFinite: new Uint32Array(size),
  };
  const average = new MovingAverage(smoothing);
  for (let i = 0; i < first; i++) average.add(values[i]);
  let at = -1;
  let current = -1;
  for (let i = first; i < end; i++) {
    // Bucket 0 holds the first point alone.
    const bucket = asIs
      ? i
      : i === first
        ? 0
        : 1 + Math.min(inner - 1, Math.floor((x[i] - grid.from) * scale));
    if (bucket !== current) {
      current = bucket;
      at++;
    }
    const value = values[i];
    out.x[at] = x[i];
    out.steps[at] = steps[i];
    out.last[at] = value;
    out.smooth[at] = average.add(value);
    if (!Number.isFinite(value)) out.nonFinite[at]++;
    else {
      // The negated comparisons are also true for the NaN that stands for "no finite value yet".
      if (!(value >= out.min[at])) out.min[at] = value;
      if (!(value <= out.max[at])) out.max[at] = value;
    }
  }
  for (let i = Math.max(first, end); i < values.length; i++) average.add(values[i]);
  const used = at + 1;
  return {
    x: out.x.slice(0, used),
    steps: out.steps.slice(0, used),
    min: out.min.slice(0, used),
    max: out.max.slice(0, used),
    last: out.last.slice(0, used),
    smooth: out.smooth.slice(0, used),
    nonFinite: out.nonFinite.slice(0, used),
    points,
    total: values.length,
    average: { biased: average.biased, weight: average.weight },
  };
}

/**
 * y ← w y + (1 − w) x over finite values, divided by the weight 1 − wⁿ that these have gathered. A value that is not
 * finite is passed on as it is and does not enter.
 */
class MovingAverage {
  biased = 0;
  weight = 0;
  readonly #keep: number;

  constructor(smoothing: number) {
    this.#keep = smoothing;
  }

  add(value: number): number {
    if (!Number.isFinite(value)) return value;
    this.biased = this.#keep * this.biased + (1 - this.#keep) * value;
    this.weight = this.#keep * this.weight + (1 - this.#keep);
    // Without smoothing the value itself, to the last bit.
    return this.#keep === 0 ? value : this.biased / this.weight;
  }
}
