import { afterEach, beforeEach, expect, test } from 'vitest';
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
