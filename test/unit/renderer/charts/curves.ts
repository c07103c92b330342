import type { Curve } from '../../../../shared/curves.ts';
import { Random } from '../../../../shared/random.ts';

export interface Point {
  step: number;
  x: number;
  value: number;
}

/** Points with growing steps, some of them not finite. */
export function randomPoints(seed: number, count: number): Point[] {
  const random = new Random(seed, 'points');
  let step = 0;
  return Array.from({ length: count }, () => {
    step += 1 + (random.uint32() % 5);
    const luck = random.uint32() % 20;
    const value = luck === 0 ? NaN : luck === 1 ? Infinity : random.uint32() / 2 ** 31 - 1;
    return { step, x: step * 0.5, value };
  });
}

export function emptyCurve(runId: string, key: string): Curve {
  return { ...curveOf([], 0), runId, key };
}

/** What the host answers where there are fewer points than buckets. */
export function curveOf(points: readonly Point[], smoothing: number, runId = 'a', key = 'k'): Curve {
  const average = { biased: 0, weight: 0 };
  const smooth = points.map(({ value }) => {
    if (!Number.isFinite(value)) return value;
    average.biased = smoothing * average.biased + (1 - smoothing) * value;
    average.weight = smoothing * average.weight + (1 - smoothing);
    return smoothing === 0 ? value : average.biased / average.weight;
  });
  const column = (of: (point: Point) => number) => Float64Array.from(points, of);
  const finite = ({ value }: Point) => (Number.isFinite(value) ? value : NaN);
  return {
    runId,
    key,
    x: column(({ x }) => x),
    steps: column(({ step }) => step),
    min: column(finite),
    max: column(finite),
    last: column(({ value }) => value),
    smooth: Float64Array.from(smooth),
    nonFinite: Uint32Array.from(points, ({ value }) => (Number.isFinite(value) ? 0 : 1)),
    points: points.length,
    total: points.length,
    average,
  };
}
