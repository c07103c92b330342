import { setImmediate } from 'node:timers/promises';
import type { Parsed } from '../../shared/contract.ts';
import type { Curve, Curves } from '../../shared/curves.ts';
import type { RunStore } from '../store/run-store.ts';
import { reduceCurve } from './curve-reduction.ts';
import { RunAxes } from './run-axes.ts';

/**
 * Series reduced for drawing: each to at most `buckets` entries, on one grid over the range that all of them cover.
 * Series that do not exist, or that have no such x (FLOPs of a run that records none), come back empty.
 */
export function readCurves(store: RunStore, request: Parsed<'curves.read'>): Curves {
  const { x: kind, from = -Infinity, to = Infinity, buckets, smoothing } = request;
  const axes = new Map<string, RunAxes>();
  const axesOf = (runId: string) => {
    if (!axes.has(runId)) axes.set(runId, new RunAxes(store, runId));
    return axes.get(runId)!;
  };
  const series = request.series.map(({ runId, key }) => {
    const points = store.readSeries(runId, key);
    const x = axesOf(runId).x(kind, points);
    return { runId, key, points, x, first: lowerBound(x, from), end: upperBound(x, to) };
  });
  const shown = series.filter(({ first, end }) => end > first);
  const grid = {
    from: Math.min(...shown.map(({ x, first }) => x[first])),
    to: Math.max(...shown.map(({ x, end }) => x[end - 1])),
    buckets,
  };
  return {
    series: series.map(({ runId, key, points, x, first, end }): Curve => ({
      runId,
      key,
      ...reduceCurve(points, x, { first, end }, grid, smoothing),
    })),
  };
}

const linesAtOnce = 20_000;

/** Every point of some series of a run as CSV; empty cells where a run has no such x. */
export async function curvesCsv(store: RunStore, runId: string, keys: readonly string[]): Promise<string> {
  store.getRun(runId);
  const axes = new RunAxes(store, runId);
  const lines = ['series,step,epoch,wall_s,flops,value'];
  for (const key of keys) {
    const points = store.readSeries(runId, key);
    const columns = (['step', 'epoch', 'wall', 'flops'] as const).map((kind) => axes.x(kind, points));
    const name = /[",\n]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
    for (let i = 0; i < points.steps.length; i++) {
      lines.push(`${name},${columns.map((x) => x[i] ?? '').join(',')},${points.values[i]}`);
      // A million lines take a second; calls of other windows get their turn.
      if (lines.length % linesAtOnce === 0) await setImmediate();
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Index of the first entry that is at least `value`. */
function lowerBound(x: Float64Array, value: number): number {
  return bisect(x.length, (i) => x[i] < value);
}

/** Index after the last entry that is at most `value`. */
function upperBound(x: Float64Array, value: number): number {
  return bisect(x.length, (i) => x[i] <= value);
}

function bisect(length: number, isBefore: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
