import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunStore } from '../../../../main/store/run-store.ts';
import { thisProcess } from '../../../../main/store/owner.ts';
import Sqlite from 'better-sqlite3';
import { checkpoint, event, mask, newRun, scalars, startedRun, useFolder } from './helpers.ts';

const folder = useFolder();
let store: RunStore;
beforeEach(() => {
  store = RunStore.open(folder.join('runs.sqlite'));
});
afterEach(() => store.close());

/** Another connection, to look at or change what the store does not offer. */
function raw<T>(action: (db: InstanceType<typeof Sqlite>) => T): T {
  const db = new Sqlite(folder.join('runs.sqlite'));
  try {
    return action(db);
  } finally {
    db.close();
  }
}

describe('runs', () => {
  test('a new run is a draft and keeps its config, environment and seed', () => {
    const id = store.createRun(newRun({ name: 'first' }));
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(store.getRun(id)).toMatchObject({
      ...{ id, name: 'first', project: 'default', state: 'draft', seed: 3, configHash: 'abc' },
      ...{
        config: newRun({ name: 'first' }).config,
        environment: { version: '0.1.0' },
        tags: [],
        starred: false,
      },
      ...{ parentRunId: undefined, startedMs: undefined, endedMs: undefined },
    });
  });

  test('ids sort by creation, and lists are newest first', () => {
    const ids = Array.from({ length: 50 }, () => store.createRun(newRun()));
    expect([...ids].sort()).toEqual(ids);
    expect(store.listRuns().map((run) => run.id)).toEqual(ids.reverse());
    expect(store.listRuns({ limit: 2 }).map((run) => run.id)).toEqual(ids.slice(0, 2));
  });

  test('filters by state, tag, star, project and any setting', () => {
    const a = store.createRun(newRun({ method: 'set', lambda: 0.5 }));
    const b = store.createRun({ ...newRun(), project: 'other', parentRunId: a, forkStep: 7 });
    store.setState(b, 'queued');
    store.setTags(b, ['paper', 'best', 'paper']);
    store.setStarred([a], true);
    const find = (filter: Parameters<RunStore['listRuns']>[0]) => store.listRuns(filter).map((run) => run.id);
    expect(find({ state: 'queued' })).toEqual([b]);
    expect(find({ tag: 'paper' })).toEqual([b]);
    expect(find({ starred: true })).toEqual([a]);
    expect(find({ starred: false })).toEqual([b]);
    expect(find({ project: 'other' })).toEqual([b]);
    expect(find({ settings: { 'method.id': 'set' } })).toEqual([a]);
    expect(find({ settings: { 'method.lambda': 0.5, 'method.nesterov': true, 'training.seed': 3 } })).toEqual(
      [a],
    );
    expect(find({ settings: { 'method.lambda': 0.5, 'method.id': 'rigl' } })).toEqual([]);
    expect(store.getRun(b)).toMatchObject({ tags: ['best', 'paper'], parentRunId: a, forkStep: 7 });
  });

  test('notes, name and provenance can be changed', () => {
    const id = store.createRun(newRun());
    store.setNotes(id, 'good *one*');
    store.rename(id, 'renamed');
    store.setProvenance(id, { engine: 'AVX2, 2 threads' });
    const expected = {
      notes: 'good *one*',
      name: 'renamed',
      environment: { version: '0.1.0', engine: 'AVX2, 2 threads' },
    };
    expect(store.getRun(id)).toMatchObject(expected);
  });

  test.each<[string, (id: string) => unknown]>([
    ['getRun', (id) => store.getRun(id)],
    ['setState', (id) => store.setState(id, 'queued')],
    ['heartbeat', (id) => store.heartbeat(id)],
    ['appendFrames', (id) => store.appendFrames(id, [])],
    ['truncateFrom', (id) => store.truncateFrom(id, 0)],
    ['setNotes', (id) => store.setNotes(id, '')],
    ['setTags', (id) => store.setTags(id, [])],
    ['readSummary', (id) => store.readSummary(id)],
    ['deleteRuns', (id) => store.deleteRuns([id], { dryRun: true })],
  ])('%s refuses an unknown run by its id', (_, call) => {
    expect(() => call('NOPE')).toThrow(
      expect.objectContaining({ code: 'unknown-run', message: 'there is no run "NOPE"' }),
    );
  });
});

describe('states', () => {
  test('a run goes through its life; times and the reason are kept', () => {
    const id = startedRun(store);
    expect(store.getRun(id)).toMatchObject({
      state: 'running',
      endedMs: undefined,
      startedMs: expect.any(Number),
    });
    store.setState(id, 'failed', 'out of memory');
    expect(store.getRun(id)).toMatchObject({
      state: 'failed',
      reason: 'out of memory',
      endedMs: expect.any(Number),
    });
    store.setState(id, 'queued');
    expect(store.getRun(id)).toMatchObject({ state: 'queued', reason: undefined, endedMs: undefined });
  });

  test('an illegal step is refused and says what is possible; the present state again is no change', () => {
    const id = startedRun(store);
    store.setState(id, 'finished');
    store.setState(id, 'finished');
    expect(() => store.setState(id, 'running')).toThrow(
      expect.objectContaining({ code: 'bad-transition', message: expect.stringContaining('is finished') }),
    );
    const draft = store.createRun(newRun());
    expect(() => store.setState(draft, 'running')).toThrow(/is draft and cannot become running, only queued/);
  });

  test('runs of processes that are gone are lost; a living owner keeps its runs however old the heartbeat', () => {
    const [mine, dead, reused, remote, fresh] = Array.from({ length: 5 }, () => startedRun(store));
    const done = startedRun(store);
    store.setState(done, 'finished');
    const queued = store.createRun(newRun());
    store.setState(queued, 'queued');
    const own = (id: string, change: object, ageMs: number) =>
      raw((db) =>
        db
          .prepare('UPDATE run SET owner = ?, heartbeat_ms = ? WHERE id = ?')
          .run(JSON.stringify({ ...thisProcess, ...change }), Date.now() - ageMs, id),
      );
    own(mine, {}, 1e9);
    own(dead, { pid: 2 ** 22 + 1 }, 0);
    own(reused, { started: 'another boot/1' }, 0);
    own(remote, { host: 'elsewhere' }, 40_000);
    own(fresh, { host: 'elsewhere' }, 10_000);
    own(done, { pid: 2 ** 22 + 1 }, 1e9);
    expect(new Set(store.markOrphans())).toEqual(new Set([dead, reused, remote]));
    expect(store.markOrphans()).toEqual([]);
    expect(store.getRun(dead)).toMatchObject({ state: 'lost', reason: expect.stringContaining('went away') });
    for (const id of [mine, fresh]) expect(store.getRun(id).state).toBe('running');
    expect(store.getRun(done).state).toBe('finished');
    expect(store.getRun(queued).state).toBe('queued');
  });
});

describe('frames', () => {
  test('every kind of frame is read back as it was sent', () => {
    const id = startedRun(store);
    const layers = [
      {
        name: 'fc1',
        shape: [2, 4],
        nnz: 3,
        size: 8,
        density: 3 / 8,
        macs: 8,
        execution: 'sparse' as const,
        deadRows: 0,
        deadColumns: 1,
      },
    ];
    const values = { accuracy: 0.1 + 0.2, loss: NaN, best: -Infinity };
    store.appendFrames(id, [
      scalars('train/loss', 0, 3),
      mask(0),
      event(2, 'hello'),
      { type: 'state', state: 'paused', step: 2 },
      checkpoint(2),
      { type: 'summary', values, layers },
    ]);
    expect(store.seriesKeys(id)).toEqual(['train/loss']);
    expect(store.readSeries(id, 'train/loss').values).toEqual(Float64Array.of(0, 0.1, 0.2));
    expect(store.listSnapshots(id)).toEqual([{ layer: 'fc1', step: 0, rows: 2, columns: 4, nnz: 3 }]);
    expect(store.readEvents(id)).toEqual([
      { step: 2, level: 'info', kind: 'note', text: 'hello', timeMs: expect.any(Number) },
    ]);
    expect(store.getRun(id).state).toBe('paused');
    expect(store.readCheckpoints(id)).toEqual([
      { step: 2, file: 'checkpoint-2', bytes: 10, sha256: 'f'.repeat(64) },
    ]);
    expect(store.readSummary(id)).toEqual({ values, layers });
  });

  test('a refused frame takes the whole batch with it', () => {
    const id = startedRun(store);
    store.appendFrames(id, [scalars('a', 0, 10)]);
    expect(() => store.appendFrames(id, [scalars('b', 0, 5), event(5), scalars('a', 3, 4)])).toThrow(
      'series a: step 3 comes after step 9',
    );
    expect(store.seriesKeys(id)).toEqual(['a']);
    expect(store.readEvents(id)).toEqual([]);
  });

  test('malformed points are refused by series', () => {
    const id = startedRun(store);
    const frame = scalars('a', 0, 2);
    const send = (change: object) =>
      store.appendFrames(id, [{ ...frame, series: [{ ...frame.series[0], ...change }] }]);
    expect(() => send({ values: new Float64Array(3) })).toThrow(/series a: 2 steps, 3 values/);
    expect(() => send({ steps: Float64Array.of(0, 0.5) })).toThrow(/step 0.5 is not a count/);
    expect(() => send({ steps: Float64Array.of(0, 2 ** 32) })).toThrow(/step 4294967296 is not a count/);
    expect(() => send({ steps: Float64Array.of(0, NaN) })).toThrow(/step NaN/);
  });

  test('a mask is the key frame and the differences up to its step', () => {
    const id = startedRun(store);
    store.appendFrames(id, [mask(0), mask(10, 0), mask(20, 10), mask(30), mask(40, 30)]);
    const steps = (step: number) => store.snapshotChain(id, 'fc1', step).map((snapshot) => snapshot.step);
    expect(steps(0)).toEqual([0]);
    expect(steps(25)).toEqual([0, 10, 20]);
    expect(steps(1000)).toEqual([30, 40]);
    expect(store.snapshotChain(id, 'fc1', 12)[1]).toEqual({
      ...{ name: 'fc1', step: 10, rows: 2, columns: 4, nnz: 3, encoding: 'delta', baseStep: 0 },
      data: Uint8Array.of(10, 255),
    });
    expect(() => store.snapshotChain(id, 'fc9', 5)).toThrow(expect.objectContaining({ code: 'no-snapshot' }));
    expect(() => store.appendFrames(id, [mask(50, 50)])).toThrow(
      /its base, step 50, does not come before it/,
    );
  });
});

describe('resuming', () => {
  test('everything of the step and later is dropped; the checkpoint itself stays', () => {
    const id = startedRun(store);
    const other = startedRun(store);
    const value = (step: number) => (step === 900 ? -5 : step === 1500 ? 99 : step === 3 ? NaN : 1);
    for (const run of [id, other]) {
      store.appendFrames(run, [
        scalars('a', 0, 2000, value),
        scalars('late', 1200, 1300),
        mask(0),
        mask(1000, 0),
        mask(1001, 0),
      ]);
      store.appendFrames(run, [event(999), event(1000), checkpoint(1000), checkpoint(1001)]);
      store.appendFrames(run, [{ type: 'summary', values: { x: 1 }, layers: [] }]);
    }
    store.truncateFrom(id, 1000);
    const { steps, values } = store.readSeries(id, 'a');
    expect(steps).toEqual(Float64Array.from({ length: 1000 }, (_, i) => i));
    expect(values).toEqual(steps.map(value));
    expect(store.seriesSummaries(id)).toEqual({
      a: { n: 1000, nonFinite: 1, last: 1, lastStep: 999, min: -5, minStep: 900, max: 1, maxStep: 0 },
    });
    expect(store.listSnapshots(id).map((s) => s.step)).toEqual([0, 1000]);
    expect(store.readEvents(id).map((e) => e.step)).toEqual([999]);
    expect(store.readCheckpoints(id).map((c) => c.step)).toEqual([1000]);
    expect(store.readSummary(id)).toBeUndefined();
    expect(store.seriesSummaries(other).a).toMatchObject({ n: 2000, max: 99 });
    expect(store.readSummary(other)).toBeDefined();
  });

  test.each([0, 1, 511, 512, 513, 1023, 1024, 1999, 2000, 5000])(
    'truncated at %i and appended again, a series is as if never interrupted',
    (step) => {
      const id = startedRun(store);
      store.appendFrames(id, [scalars('a', 0, 2000, Math.sin)]);
      const [points, summary] = [store.readSeries(id, 'a'), store.seriesSummaries(id)];
      store.truncateFrom(id, step);
      expect(store.readSeries(id, 'a').steps.length).toBe(Math.min(step, 2000));
      if (step < 2000) store.appendFrames(id, [scalars('a', step, 2000, Math.sin)]);
      expect(store.readSeries(id, 'a')).toEqual(points);
      expect(store.seriesSummaries(id)).toEqual(summary);
    },
  );
});

test('the store works with two processes: another connection sees what was written', () => {
  const id = startedRun(store);
  const second = RunStore.open(folder.join('runs.sqlite'));
  store.appendFrames(id, [scalars('a', 0, 5)]);
  expect(second.readSeries(id, 'a').steps.length).toBe(5);
  second.close();
});

test('a healthy store has no integrity problems; a dangling reference is reported', () => {
  const id = startedRun(store);
  store.appendFrames(id, [scalars('a', 0, 600)]);
  expect(store.integrityCheck()).toEqual([]);
  raw((db) => {
    db.pragma('foreign_keys = OFF');
    db.prepare('DELETE FROM run WHERE id = ?').run(id);
  });
  expect(store.integrityCheck()).toContain('a row of series refers to a missing row of run');
});

test('closing twice is harmless', () => {
  store.close();
  expect(() => store.close()).not.toThrow();
});
