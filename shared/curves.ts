/** Several series reduced for drawing, on one grid of buckets. */
export interface Curves {
  series: Curve[];
}

export interface Curve {
  runId: string;
  key: string;
  /** x of each bucket's last point; ascending. Entries of empty buckets are left out. */
  x: Float64Array;
  /** Steps of the same points, for reading out. */
  steps: Float64Array;
  /** Over finite values; NaN where a bucket has none. */
  min: Float64Array;
  max: Float64Array;
  /** The value at `x`, whatever it is. */
  last: Float64Array;
  /** Moving average over all points (not over buckets), taken at `x`; equal to `last` without smoothing. */
  smooth: Float64Array;
  /** Values per bucket that are NaN or infinite. */
  nonFinite: Uint32Array;
  /** Points in the range, and in the whole series. */
  points: number;
  total: number;
  /** Moving average state after the last point, so that a live tail goes on exactly: `biased` and its weight. */
  average: { biased: number; weight: number };
}
