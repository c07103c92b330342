import type { Points } from './chunk.ts';

/** What a chart draws of a series: one entry per bucket that holds a point, in order of x. */
export interface Buckets {
  /** Step of the bucket's last point. */
  x: Float64Array;
  /** Over the finite values; NaN where a bucket has none. */
  min: Float64Array;
  max: Float64Array;
  /** The value at `x`, whatever it is. */
  last: Float64Array;
  /** Values that are NaN or infinite. */
  nonFinite: Uint32Array;
  /** Points that went into the buckets. */
  points: number;
}

/**
 * Reduces points to at most `count` buckets of equal step width. The first and the last point keep a bucket of their
 * own, and few enough points are returned as they are: a chart never loses a peak or an end.
 * @param count at least 3
 */
export function bucketize({ steps, values }: Points, count: number): Buckets {
  const n = steps.length;
  const reduced = n > count;
  const inner = count - 2;
  const width = (steps[n - 1] - steps[0]) / inner;
  const bucketOf = (i: number): number => {
    if (!reduced) return i;
    if (i === 0 || i === n - 1) return i === 0 ? 0 : count - 1;
    return 1 + (width > 0 ? Math.min(inner - 1, Math.floor((steps[i] - steps[0]) / width)) : 0);
  };
  const size = Math.min(n, count);
  const out = {
    x: new Float64Array(size),
    min: new Float64Array(size),
    max: new Float64Array(size),
    last: new Float64Array(size),
    nonFinite: new Uint32Array(size),
  };
  let at = -1;
  let current = -1;
  for (let i = 0; i < n; i++) {
    const bucket = bucketOf(i);
    if (bucket !== current) {
      current = bucket;
      at++;
      out.min[at] = out.max[at] = NaN;
    }
    const value = values[i];
    out.x[at] = steps[i];
    out.last[at] = value;
    if (!Number.isFinite(value)) out.nonFinite[at]++;
    else {
      // The negated comparisons are also true for the NaN that stands for "no finite value yet".
      if (!(value >= out.min[at])) out.min[at] = value;
      if (!(value <= out.max[at])) out.max[at] = value;
    }
  }
  const used = at + 1;
  return {
    x: out.x.slice(0, used),
    min: out.min.slice(0, used),
    max: out.max.slice(0, used),
    last: out.last.slice(0, used),
    nonFinite: out.nonFinite.slice(0, used),
    points: n,
  };
}
