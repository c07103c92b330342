import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { curvesCsv, readCurves } from '../../../../main/app/curves.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { calls, type Input } from '../../../../shared/contract.ts';
import type { Curve } from '../../../../shared/curves.ts';
import { Random } from '../../../../shared/random.ts';
import { startedRun, useFolder } from '../store/helpers.ts';

const folder = useFolder();
let store: RunStore;
let run: string;
beforeEach(() => {
  store = RunStore.open(folder.join('runs.sqlite'));
  run = startedRun(store);
  store.setProvenance(run, { stepsPerEpoch: 10 });
});
afterEach(() => store.close());

/** One point per step; wall time 20 ms per step. */
function put(key: string, values: readonly number[], steps = values.map((_, i) => i), id = run): void {
  const at = Float64Array.from(steps);
  store.appendFrames(id, [
    {
      type: 'scalars',
      series: [{ key, steps: at, values: Float64Array.from(values), wallMs: at.map((s) => 20 * s) }],
    },
  ]);
}

type Request = Input<'curves.read'>;

function read(key: string, change: Partial<Request> = {}): Curve {
  const request = { series: [{ runId: run, key }], x: 'step', buckets: 100, ...change };
  return readCurves(store, calls['curves.read'].input.parse(request)).series[0];
}

function noise(n: number, seed = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, i) => (i % 97 === 5 ? NaN : random.normal() + Math.sin(i / 50)));
}

describe('the x axis', () => {
  test('steps, epochs, seconds and FLOPs', () => {
    put('loss', [5, 4, 3, 2, 1]);
    put('flops/train', [100, 300, 600], [0, 2, 4]);
    expect([...read('loss').x]).toEqual([0, 1, 2, 3, 4]);
    expect([...read('loss', { x: 'epoch' }).x]).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect([...read('loss', { x: 'wall' }).x]).toEqual([0, 0.02, 0.04, 0.06, 0.08]);
    expect([...read('loss', { x: 'flops' }).x]).toEqual([100, 200, 300, 450, 600]);
    expect([...read('loss', { x: 'flops' }).steps]).toEqual([0, 1, 2, 3, 4]);
  });

  test('FLOPs begin at nothing and go on at the last rate beyond the last point', () => {
    put('loss', [3, 2, 1], [0, 3, 8]);
    put('flops/train', [200, 300], [1, 3]);
    expect([...read('loss', { x: 'flops' }).x]).toEqual([100, 300, 550]);
  });

  test('a run without FLOPs, or without a known epoch, has an empty curve and still says how long it is', () => {
    put('loss', [1, 2]);
    expect(read('loss', { x: 'flops' })).toMatchObject({ points: 0, total: 2, x: new Float64Array(0) });
    const young = startedRun(store);
    put('loss', [1, 2], [0, 1], young);
    expect(read('loss', { x: 'epoch', series: [{ runId: young, key: 'loss' }] }).points).toBe(0);
  });

  test('a series that does not exist is empty and does not disturb the others', () => {
    put('loss', [1, 2, 3]);
    const series = [
      { runId: run, key: 'no such' },
      { runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', key: 'loss' },
      { runId: run, key: 'loss' },
    ];
    const curves = readCurves(store, { series, x: 'epoch', buckets: 3, smoothing: 0 }).series;
    expect(curves.map((curve) => curve.points)).toEqual([0, 0, 3]);
  });
});

describe('reduction', () => {
  test('few points are returned as they are', () => {
    put('a', [1, NaN, 3], [0, 5, 9]);
    const { x, min, max, last, smooth, nonFinite } = read('a', { buckets: 3 });
    expect([...x]).toEqual([0, 5, 9]);
    for (const column of [min, max, last, smooth]) expect([...column]).toEqual([1, NaN, 3]);
    expect([...nonFinite]).toEqual([0, 1, 0]);
  });

  test.each([
    ['step', 4000, 0, undefined, undefined],
    ['step', 4000, 0.9, undefined, undefined],
    ['epoch', 3001, 0.99, 20, 200],
    ['wall', 2500, 0, 3.01, 44.4],
    ['flops', 2500, 0.5, undefined, 90_000],
  ] as const)('by %s: every entry agrees with a plain scan', (x, n, smoothing, from, to) => {
    const values = noise(n);
    put('loss', values);
    put(
      'flops/train',
      values.map((_, i) => 50 * (i + 1)),
    );
    const xs = values.map((_, i) => ({ step: i, epoch: (i + 1) / 10, wall: i / 50, flops: 50 * (i + 1) })[x]);
    const inside = xs.flatMap((at, i) => (at >= (from ?? -Infinity) && at <= (to ?? Infinity) ? [i] : []));
    const smooth = debiased(values, smoothing);
    const curve = read('loss', { x, from, to, buckets: 60, smoothing });
    expect(curve.x.length).toBeLessThanOrEqual(60);
    expect(curve.x.length).toBeGreaterThan(50);
    expect([curve.points, curve.total]).toEqual([inside.length, n]);
    expect([curve.steps[0], curve.steps.at(-1)]).toEqual([inside[0], inside.at(-1)]);
    let first = inside[0];
    for (let b = 0; b < curve.x.length; b++) {
      const end = curve.steps[b];
      const bucket = values.slice(first, end + 1);
      const finite = bucket.filter(Number.isFinite);
      expect(curve.x[b]).toBeCloseTo(xs[end], 9);
      expect(curve.last[b]).toBe(values[end]);
      expect(curve.min[b]).toBe(finite.length > 0 ? Math.min(...finite) : NaN);
      expect(curve.max[b]).toBe(finite.length > 0 ? Math.max(...finite) : NaN);
      expect(curve.nonFinite[b]).toBe(bucket.length - finite.length);
      expect([curve.smooth[b]]).toEqual([Number.isNaN(smooth[end]) ? NaN : expect.closeTo(smooth[end], 10)]);
      first = end + 1;
    }
  });

  test('series of one call share their buckets', () => {
    const other = startedRun(store);
    put('a', noise(1000));
    put('a', noise(700, 2), undefined, other);
    const series = [run, other].map((runId) => ({ runId, key: 'a' }));
    const [long, short] = readCurves(store, { series, x: 'step', buckets: 41, smoothing: 0 }).series;
    // Inner buckets are 999 / 40 steps wide for both; the shorter one just has fewer.
    expect([...short.steps.slice(0, -1)]).toEqual([...long.steps.slice(0, short.steps.length - 1)]);
    expect(short.steps.at(-1)).toBe(699);
  });

  test('many points of one step fall into one bucket behind the first', () => {
    put('a', [1, 7, 3, 5, 2], [4, 4, 4, 4, 4]);
    const { x, min, max, last } = read('a', { buckets: 4 });
    expect([...x]).toEqual([4, 4]);
    expect([min, max, last].map((column) => [...column])).toEqual([
      [1, 2],
      [1, 7],
      [1, 2],
    ]);
  });
});

describe('smoothing', () => {
  test('starts at the first value, passes gaps on and goes on over the points outside the range', () => {
    put('a', [10, NaN, 20, Infinity, 30]);
    const all = read('a', { smoothing: 0.5 });
    expect([...all.smooth]).toEqual([
      10,
      NaN,
      (0.25 * 10 + 0.5 * 20) / 0.75,
      Infinity,
      expect.closeTo(24.2857, 4),
    ]);
    const part = read('a', { smoothing: 0.5, from: 2, to: 3 });
    expect([...part.smooth]).toEqual([...all.smooth.slice(2, 4)]);
    // The state is the one after the last point of the series, so that a live tail goes on from it.
    expect(part.average).toEqual(all.average);
    expect(all.average.biased / all.average.weight).toBeCloseTo(24.2857, 4);
  });

  test('without it the values stay as they are, to the last bit', () => {
    put('a', noise(50));
    const { smooth, last } = read('a');
    expect(new BigUint64Array(smooth.buffer)).toEqual(new BigUint64Array(last.buffer));
  });
});

test('CSV has every point with every x', async () => {
  put('train/loss', [2, NaN], [0, 1]);
  put('odd "key"', [1e-300], [1]);
  expect(await curvesCsv(store, run, ['train/loss', 'odd "key"'])).toBe(
    'series,step,epoch,wall_s,flops,value\n' +
      'train/loss,0,0.1,0,,2\n' +
      'train/loss,1,0.2,0.02,,NaN\n' +
      '"odd ""key""",1,0.2,0.02,,1e-300\n',
  );
  await expect(curvesCsv(store, '01ARZ3NDEKTSV4RRFFQ69G5FAV', ['a'])).rejects.toThrow('there is no run');
});

test('a million points are reduced in well under a second', () => {
  const n = 1_000_000;
  const steps = Float64Array.from({ length: n }, (_, i) => i);
  store.appendFrames(run, [
    { type: 'scalars', series: [{ key: 'big', steps, values: steps, wallMs: steps }] },
  ]);
  const start = process.cpuUsage();
  const curve = read('big', { buckets: 1500, smoothing: 0.9 });
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(800);
  expect([curve.x.length, curve.x[0], curve.x.at(-1)]).toEqual([1500, 0, n - 1]);
});

/** As TensorBoard does it, by its definition. */
function debiased(values: readonly number[], weight: number): number[] {
  let biased = 0;
  let count = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    biased = weight * biased + (1 - weight) * value;
    return biased / (1 - weight ** ++count);
  });
}
