import type { DrawnCurve } from './drawn-curve.ts';
import type { ChartSeries } from './line-drawing.ts';

/** What a line says at the cursor. */
export interface Reading {
  series: ChartSeries;
  step: number;
  x: number;
  /** As drawn: smoothed where smoothing is on. */
  value: number;
  /** The point itself, NaN and infinities included. */
  raw: number;
}

/**
 * Every line's point nearest to `x`, or its last one without a cursor. A line that ends more than `tolerance` (units
 * of x) away has none.
 */
export function readings(
  lines: readonly { series: ChartSeries; curve: DrawnCurve }[],
  x: number | undefined,
  tolerance: number,
): (Reading | undefined)[] {
  return lines.map(({ series, curve }) => {
    const n = curve.length;
    const i = x === undefined ? n - 1 : curve.nearest(x);
    if (i < 0) return undefined;
    if (x !== undefined && (x > curve.x[n - 1] + tolerance || x < curve.x[0] - tolerance)) return undefined;
    return { series, step: curve.steps[i], x: curve.x[i], value: curve.smooth[i], raw: curve.last[i] };
  });
}

/** The x of the point `by` entries after the one nearest to `x` on the line with most points; its end at first. */
export function stepCursor(
  lines: readonly { curve: DrawnCurve }[],
  x: number | undefined,
  by: number,
): number | undefined {
  const longest = lines.reduce<DrawnCurve | undefined>(
    (best, { curve }) => (best && best.length >= curve.length ? best : curve),
    undefined,
  );
  if (!longest || longest.length === 0) return undefined;
  const end = longest.length - 1;
  const from = x === undefined ? end + (by < 0 ? 1 : 0) : longest.nearest(x);
  return longest.x[Math.min(end, Math.max(0, from + by))];
}
