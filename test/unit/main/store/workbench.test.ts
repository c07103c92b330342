import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunStore } from '../../../../main/store/run-store.ts';
import { checkpoint, newRun, scalars, startedRun, useFolder } from './helpers.ts';

const folder = useFolder();
let store: RunStore;
const open = () => RunStore.open(folder.join('runs.sqlite'));
beforeEach(() => {
  store = open();
});
afterEach(() => store.close());

const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

function queuedRun(): string {
  const id = store.createRun(newRun());
  store.setState(id, 'queued');
  return id;
}

function endedRun(): string {
  const id = startedRun(store);
  store.setState(id, 'stopped');
  return id;
}

/** A folder with a checkpoint of 100 bytes. */
function fillFolder(id: string): string {
  const path = join(folder.path, 'runs', id);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'checkpoint-000000010.safetensors'), Buffer.alloc(100));
  return path;
}

describe('rows', () => {
  test('a row has everything that a table shows', () => {
    const id = startedRun(store);
    store.setProvenance(id, { totalSteps: 500 });
    store.setTags(id, ['b', 'a']);
    store.setStarred([id], true);
    store.appendFrames(id, [
      scalars('train/loss', 0, 40, (step) => (step === 3 ? NaN : step / 10)),
      scalars('density/fc1.weight', 0, 40),
      scalars('time/forward', 0, 40),
      scalars('memory/processBytes', 0, 40),
      scalars('nothing/finite', 0, 3, () => NaN),
    ]);
    const [row] = store.listRows();
    expect(row).toMatchObject({
      ...{ id, name: 'a run', state: 'running', project: 'default', seed: 3, tags: ['a', 'b'] },
      ...{ model: 'mlp', dataset: 'mnist', method: 'rigl', starred: true, archived: false },
      ...{ step: 40, totalSteps: 500, endedMs: undefined, reason: undefined, parentRunId: undefined },
    });
    expect(row.settings).toMatchObject({
      'model.widths': '[300,100]',
      'method.lambda': 0.1,
      'method.nesterov': true,
      'training.seed': 3,
    });
    expect(row.metrics).toEqual({ 'train/loss': { last: 3.9, min: 0, max: 3.9 } });
  });

  test('values of the summary stand beside the series, checkpoints tell the step', () => {
    const id = startedRun(store);
    store.appendFrames(id, [
      scalars('test/accuracy', 9, 10, () => 0.5),
      checkpoint(77),
      { type: 'summary', values: { 'test/accuracy': 0.9, 'time/stepMs': 2, broken: NaN }, layers: [] },
    ]);
    expect(store.listRows()[0]).toMatchObject({
      step: 77,
      metrics: {
        'test/accuracy': { last: 0.5, min: 0.5, max: 0.5 },
        'time/stepMs': { last: 2, min: 2, max: 2 },
      },
    });
    expect(store.listRows()[0].metrics).not.toHaveProperty('broken');
  });

  test('many runs: every row is the one that is read alone, newest first', () => {
    const ids = Array.from({ length: 300 }, (_, i) => {
      const id = store.createRun(newRun({ name: `run ${i}`, lambda: i / 7 }));
      for (const state of ['queued', 'starting', 'running'] as const) store.setState(id, state);
      store.appendFrames(id, [scalars('train/loss', 0, 1 + (i % 5), (step) => i + step)]);
      return id;
    });
    const rows = store.listRows();
    expect(rows.map((row) => row.id)).toEqual(ids.toReversed());
    for (const row of rows) expect(store.listRows([row.id])).toEqual([row]);
    expect(rows[1]).toMatchObject({ name: 'run 298', settings: { 'method.lambda': 298 / 7 }, step: 4 });
    expect(store.listRows([unknown, ids[0]]).map((row) => row.id)).toEqual([ids[0]]);
  });
});

describe('trash', () => {
  test('moved, restored, deleted for good', () => {
    const [a, b] = [endedRun(), endedRun()];
    const path = fillFolder(a);
    store.appendFrames(a, [scalars('x', 0, 600)]);
    store.moveToTrash([a]);
    expect(store.listRows().map((row) => row.id)).toEqual([b]);
    expect(store.listRuns().map((run) => run.id)).toEqual([b]);
    expect(store.listRuns({ deleted: true }).map((run) => run.id)).toEqual([a]);
    expect([...store.runStates().keys()]).toEqual([b]);

    store.restoreFromTrash([a]);
    expect(store.listRows().map((row) => row.id)).toEqual([b, a]);
    expect(store.readSeries(a, 'x').steps.length).toBe(600);

    store.moveToTrash([a]);
    expect(store.deleteRuns([a], { dryRun: true })).toEqual({ files: 1, bytes: 100 });
    expect(existsSync(path)).toBe(true);
    expect(store.deleteRuns([a], { dryRun: false })).toEqual({ files: 1, bytes: 100 });
    expect(existsSync(path)).toBe(false);
    expect(() => store.getRun(a)).toThrow(expect.objectContaining({ code: 'unknown-run' }));
    expect(store.integrityCheck()).toEqual([]);
  });

  test('nothing moves if one of the runs trains or does not exist', () => {
    const [a, live] = [endedRun(), startedRun(store)];
    const code = (code: string) => expect.objectContaining({ code });
    expect(() => store.moveToTrash([a, live])).toThrow(code('run-is-live'));
    expect(() => store.moveToTrash([a, unknown])).toThrow(code('unknown-run'));
    expect(() => store.setArchived([a, unknown], true)).toThrow(code('unknown-run'));
    expect(store.listRows()).toHaveLength(2);
    expect(store.listRows().some((row) => row.archived)).toBe(false);
  });

  test('a deletion cut off after its rows are gone is finished by the next; other folders stay', () => {
    const [a, b] = [endedRun(), endedRun()];
    const [gone, kept] = [fillFolder(a), fillFolder(b)];
    const stranger = fillFolder(unknown);
    // What the crash leaves: the row deleted and its folder noted.
    const other = new Sqlite(folder.join('runs.sqlite'));
    other.pragma('foreign_keys = ON');
    other.prepare('DELETE FROM run WHERE id = ?').run(a);
    other.prepare('INSERT INTO purged_run VALUES (?)').run(a);
    other.close();
    expect(store.deleteRuns([], { dryRun: true })).toEqual({ files: 1, bytes: 100 });
    store.deleteRuns([], { dryRun: false });
    expect([gone, kept, stranger].map(existsSync)).toEqual([false, true, true]);
    expect(store.deleteRuns([], { dryRun: true })).toEqual({ files: 0, bytes: 0 });
  });

  test('a deleted parent leaves its children', () => {
    const parent = endedRun();
    const child = store.createRun({ ...newRun(), parentRunId: parent, forkStep: 5 });
    expect(store.childrenOf(parent)).toEqual([child]);
    store.deleteRuns([parent], { dryRun: false });
    expect(store.listRows()[0]).toMatchObject({ id: child, parentRunId: undefined, forkStep: 5 });
  });
});

describe('queue', () => {
  test('waits in order, also after reopening; who leaves the state leaves the queue', () => {
    const [a, b, c, apart] = [queuedRun(), queuedRun(), queuedRun(), queuedRun()];
    for (const id of [a, b, c]) store.appendToQueue(id);
    expect(store.waitingRuns()).toEqual([a, b, c]);
    // Somebody else's ids, doubled ones and forgotten ones do no harm.
    store.reorderQueue([c, unknown, c, apart]);
    expect(store.waitingRuns()).toEqual([c, a, b]);
    store.close();
    store = open();
    expect(store.waitingRuns()).toEqual([c, a, b]);
    store.setState(a, 'starting');
    store.moveToTrash([b]);
    expect(store.waitingRuns()).toEqual([c]);
    expect(store.getRun(b).state).toBe('stopped');
    store.restoreFromTrash([b]);
    store.setState(b, 'queued');
    store.appendToQueue(b);
    expect(store.waitingRuns()).toEqual([c, b]);
  });

  test('only queued runs wait', () => {
    const id = endedRun();
    expect(() => store.appendToQueue(id)).toThrow(expect.objectContaining({ code: 'not-queued' }));
    expect(store.waitingRuns()).toEqual([]);
  });

  test('only one process can start a run', () => {
    const id = queuedRun();
    store.setState(id, 'starting');
    expect(() => store.setState(id, 'starting')).toThrow(expect.objectContaining({ code: 'bad-transition' }));
  });

  test('what another process writes is noticed, our own is not', () => {
    const before = store.foreignVersion();
    const id = queuedRun();
    expect(store.foreignVersion()).toBe(before);
    const other = open();
    other.setNotes(id, 'from elsewhere');
    other.close();
    expect(store.foreignVersion()).not.toBe(before);
  });
});
