import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bucketize } from '../../../../main/store/buckets.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { scalars, startedRun, useFolder } from './helpers.ts';

const folder = useFolder();
let store: RunStore;
let run: string;
beforeEach(() => {
  store = RunStore.open(folder.join('runs.sqlite'));
  run = startedRun(store);
});
afterEach(() => store.close());

test('values keep every bit; steps and wall times keep theirs', () => {
  const values = Float64Array.of(NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE, 0.1, -1e-300);
  const steps = Float64Array.of(0, 0, 1, 7, 7, 1000, 4294967294, 4294967295);
  const wallMs = Float64Array.of(1e9, 1e9 + 0.5, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4, 1e9 + 5, 1e9 + 1e6);
  store.appendFrames(run, [{ type: 'scalars', series: [{ key: 'odd', steps, values, wallMs }] }]);
  const read = store.readSeries(run, 'odd');
  expect(read.steps).toEqual(steps);
  expect(read.wallMs).toEqual(wallMs);
  expect(new BigUint64Array(read.values.buffer.slice(0, 64))).toEqual(new BigUint64Array(values.buffer));
  expect(store.seriesSummaries(run).odd).toEqual({
    ...{ n: 8, nonFinite: 3, last: -1e-300, lastStep: 4294967295 },
    ...{ min: -1e-300, minStep: 4294967295, max: Number.MAX_VALUE, maxStep: 1000 },
  });
});

test('a series of NaN only has no extremes', () => {
  store.appendFrames(run, [scalars('nan', 0, 3, () => NaN)]);
  expect(store.seriesSummaries(run).nan).toMatchObject({
    n: 3,
    nonFinite: 3,
    last: NaN,
    min: NaN,
    minStep: undefined,
  });
  expect(store.latestMetrics(run)).toEqual({ nan: NaN });
});

test.each([1, 7, 511, 512, 513, 1700])('flushes of %i points join into the series that was sent', (size) => {
  for (let at = 0; at < 1700; at += size)
    store.appendFrames(run, [scalars('a', at, Math.min(1700, at + size))]);
  const { steps, values, wallMs } = store.readSeries(run, 'a');
  expect(steps).toEqual(Float64Array.from({ length: 1700 }, (_, i) => i));
  expect(values).toEqual(steps.map((step) => step / 10));
  expect(wallMs).toEqual(steps.map((step) => step * 10));
  expect(store.seriesSummaries(run).a).toMatchObject({ n: 1700, last: 169.9, lastStep: 1699, max: 169.9 });
});

test('a range of steps includes both ends, across chunks', () => {
  store.appendFrames(run, [scalars('a', 0, 2000)]);
  expect([...store.readSeries(run, 'a', 510, 514).steps]).toEqual([510, 511, 512, 513, 514]);
  expect([...store.readSeries(run, 'a', 0.5, 2.5).steps]).toEqual([1, 2]);
  expect([...store.readSeries(run, 'a', 1998).steps]).toEqual([1998, 1999]);
  expect(store.readSeries(run, 'a', 5000).steps.length).toBe(0);
  expect(store.readSeries(run, 'no such').steps.length).toBe(0);
});

describe('buckets', () => {
  const points = (steps: number[], values: number[]) => {
    return {
      steps: Float64Array.from(steps),
      values: Float64Array.from(values),
      wallMs: new Float64Array(steps.length),
    };
  };

  test('few points are returned as they are', () => {
    const { x, min, max, last, points: n } = bucketize(points([0, 5, 9], [1, NaN, 3]), 3);
    expect([...x]).toEqual([0, 5, 9]);
    for (const column of [min, max, last]) expect([...column]).toEqual([1, NaN, 3]);
    expect(n).toBe(3);
  });

  test('ends keep their own bucket, peaks and non-finite values are not lost', () => {
    const values = [100, 1, 9, 2, Infinity, NaN, NaN, 5, 4, -100];
    const { x, min, max, last, nonFinite } = bucketize(points([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], values), 5);
    expect([...x]).toEqual([0, 2, 5, 8, 9]);
    expect([...min]).toEqual([100, 1, 2, 4, -100]);
    expect([...max]).toEqual([100, 9, 2, 5, -100]);
    expect([...last]).toEqual([100, 9, NaN, 4, -100]);
    expect([...nonFinite]).toEqual([0, 0, 2, 1, 0]);
  });

  test('many points of one step fall into one bucket between the ends', () => {
    const { x, min, max } = bucketize(points([4, 4, 4, 4, 4], [1, 7, 3, 5, 2]), 4);
    expect([...x]).toEqual([4, 4, 4]);
    expect([...min]).toEqual([1, 3, 2]);
    expect([...max]).toEqual([1, 7, 2]);
  });

  test('a last step with several points: only the very last one has the end to itself', () => {
    const { x, min, max } = bucketize(points([0, 1, 2, 3, 3, 3], [9, 1, 2, 8, 5, 4]), 4);
    expect([...x]).toEqual([0, 1, 3, 3]);
    expect([...min]).toEqual([9, 1, 2, 4]);
    expect([...max]).toEqual([9, 1, 8, 4]);
  });

  test('none for no points', () => {
    expect(bucketize(points([], []), 10)).toMatchObject({ x: new Float64Array(0), points: 0 });
  });

  test('fewer than three buckets are refused', () => {
    expect(() => store.readBuckets([{ runId: run, key: 'a' }], { buckets: 2 })).toThrow(
      /buckets: 2 is not an integer/,
    );
  });

  test('a million points: every bucket agrees with a plain scan', () => {
    const n = 1_000_000;
    const value = (step: number) => (step % 99_991 === 0 ? NaN : Math.sin(step / 1000) * (1 + (step % 7)));
    store.appendFrames(run, [scalars('big', 0, n, value)]);
    const start = performance.now();
    const [buckets] = store.readBuckets([{ runId: run, key: 'big' }], { buckets: 1000 });
    const ms = performance.now() - start;
    expect(ms).toBeLessThan(2000);
    expect(buckets.points).toBe(n);
    expect(buckets.x.length).toBe(1000);
    expect([buckets.x[0], buckets.x[999]]).toEqual([0, n - 1]);
    expect(buckets.nonFinite.reduce((a, b) => a + b)).toBe(Math.ceil(n / 99_991));
    let from = 0;
    buckets.x.forEach((x, i) => {
      let [min, max] = [Infinity, -Infinity];
      for (let step = from; step <= x; step++) {
        if (Number.isNaN(value(step))) continue;
        min = Math.min(min, value(step));
        max = Math.max(max, value(step));
      }
      if (i > 0) expect([buckets.min[i], buckets.max[i], buckets.last[i]]).toEqual([min, max, value(x)]);
      from = x + 1;
    });
    const [zoomed] = store.readBuckets([{ runId: run, key: 'big' }], {
      buckets: 50,
      from: 400_000,
      to: 410_000,
    });
    expect([zoomed.x[0], zoomed.x.at(-1), zoomed.points]).toEqual([400_000, 410_000, 10_001]);
  });
});
