import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunStore } from '../../../../main/store/run-store.ts';
import { newRun, startedRun, useFolder } from './helpers.ts';

const folder = useFolder();
let store: RunStore;
let [a, b] = ['', ''];
beforeEach(() => {
  store = RunStore.open(folder.join('runs.sqlite'));
  [a, b] = [store.createRun(newRun()), store.createRun(newRun())];
});
afterEach(() => store.close());

const shared = Buffer.from('shared content');
const own = Buffer.from('content of one run');
const entry = (name: string) => ({ role: 'export', name, media: 'text/plain' });

test('content is stored once under its SHA-256 and read back', async () => {
  const first = await store.artifacts.put(a, entry('x'), shared);
  const second = await store.artifacts.put(b, { ...entry('y'), step: 5 }, shared);
  const sha256 = createHash('sha256').update(shared).digest('hex');
  expect([first.sha256, second.sha256]).toEqual([sha256, sha256]);
  const path = folder.join(`artifacts/sha256/${sha256.slice(0, 2)}/${sha256.slice(2)}`);
  expect(readFileSync(path)).toEqual(shared);
  expect(Buffer.from(await store.artifacts.read(sha256))).toEqual(shared);
  expect(store.artifacts.list(b)).toEqual([{ ...second, runId: b, step: 5, bytes: 14 }]);
});

test('deleting runs frees what nothing else refers to; a dry run only tells', async () => {
  const { sha256: kept } = await store.artifacts.put(a, entry('x'), shared);
  await store.artifacts.put(b, entry('x'), shared);
  const { sha256: gone } = await store.artifacts.put(a, entry('y'), own);
  const freed = { files: 1, bytes: own.length };
  expect(store.deleteRuns([a], { dryRun: true })).toEqual(freed);
  expect(store.listRuns()).toHaveLength(2);
  expect(store.deleteRuns([a], { dryRun: false })).toEqual(freed);
  expect(store.listRuns().map((run) => run.id)).toEqual([b]);
  expect(existsSync(store.artifacts.path(gone))).toBe(false);
  expect(existsSync(store.artifacts.path(kept))).toBe(true);
  expect(store.deleteRuns([b], { dryRun: false })).toEqual({ files: 1, bytes: shared.length });
  expect(existsSync(store.artifacts.path(kept))).toBe(false);
  expect(store.integrityCheck()).toEqual([]);
});

test('a live run is not deleted, nor anything with it', () => {
  const live = startedRun(store);
  expect(() => store.deleteRuns([a, live], { dryRun: false })).toThrow(
    expect.objectContaining({ code: 'run-is-live' }),
  );
  expect(store.listRuns()).toHaveLength(3);
});

test('files that a crash left without a row are collected once they are old', () => {
  const path = store.artifacts.path('0'.repeat(64));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'orphan');
  expect(store.artifacts.collectGarbage({ dryRun: false })).toEqual({ files: 0, bytes: 0 });
  utimesSync(path, 0, 0);
  expect(store.artifacts.collectGarbage({ dryRun: true })).toEqual({ files: 1, bytes: 6 });
  expect(existsSync(path)).toBe(true);
  expect(store.artifacts.collectGarbage({ dryRun: false })).toEqual({ files: 1, bytes: 6 });
  expect(existsSync(path)).toBe(false);
});

test('content that replaces an older one under the same name frees it', async () => {
  const { sha256 } = await store.artifacts.put(a, entry('x'), own);
  await store.artifacts.put(a, entry('x'), shared);
  expect(store.artifacts.list(a).map(({ bytes }) => bytes)).toEqual([shared.length]);
  expect(store.artifacts.collectGarbage({ dryRun: false })).toEqual({ files: 1, bytes: own.length });
  expect(existsSync(store.artifacts.path(sha256))).toBe(false);
});

test('damaged content is noticed, and a bad name never becomes a path', async () => {
  const { sha256 } = await store.artifacts.put(a, entry('x'), own);
  writeFileSync(store.artifacts.path(sha256), 'something else');
  await expect(store.artifacts.read(sha256)).rejects.toMatchObject({ code: 'damaged-artifact' });
  expect(() => store.artifacts.path('../../etc/passwd')).toThrow(
    expect.objectContaining({ code: 'bad-sha256' }),
  );
});

test('an artifact of an unknown run leaves no row', async () => {
  await expect(store.artifacts.put('NOPE', entry('x'), own)).rejects.toThrow();
  expect(readdirSync(folder.join('artifacts/sha256'))).toHaveLength(1);
  expect(store.artifacts.onlyIn(['NOPE'])).toEqual({ files: 0, bytes: 0 });
});
