import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../../../main/store/atomic-write.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { event, mask, newRun, scalars, startedRun } from '../../../unit/main/store/helpers.ts';

const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
const pointsPerFlush = 40;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-crash-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a process that flushes as fast as it can, kills it after a while, and says how many flushes it reported. */
function writeUntilKilled(database: string, run: string, afterMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, database, run], { stdio: ['ignore', 'pipe', 'inherit'] });
    let reported = 0;
    child.stdout.on('data', (data: Buffer) => {
      if (reported === 0) setTimeout(() => child.kill('SIGKILL'), afterMs);
      reported = Number(data.toString().trim().split('\n').at(-1));
    });
    child.on('exit', (_, signal) =>
      signal === 'SIGKILL' ? resolve(reported) : reject(new Error('it ended by itself')),
    );
  });
}

test('killed twenty times in the middle of writing, the store stays whole and loses no flush that was reported', async () => {
  const database = join(folder, 'runs.sqlite');
  const warnings: string[] = [];
  for (let i = 0; i < 20; i++) {
    const before = RunStore.open(database);
    const run = before.createRun(newRun());
    before.setState(run, 'queued');
    before.close();
    const reported = await writeUntilKilled(database, run, 5 + 7 * i);

    const store = RunStore.open(database, { onWarning: (text) => warnings.push(text) });
    expect(store.integrityCheck()).toEqual([]);
    expect(store.markOrphans()).toEqual([run]);
    const flushes = store.readEvents(run).length;
    expect(flushes).toBeGreaterThanOrEqual(reported);
    expect(flushes).toBeGreaterThan(0);
    const { steps, values } = store.readSeries(run, 'a');
    expect(steps).toEqual(Float64Array.from({ length: flushes * pointsPerFlush }, (_, step) => step));
    expect(values).toEqual(steps.map((step) => step / 10));
    expect(store.readSeries(run, 'b')).toEqual(store.readSeries(run, 'a'));
    expect(store.seriesSummaries(run).a.n).toBe(steps.length);
    expect(store.listSnapshots(run)).toHaveLength(flushes);
    store.close();
  }
  expect(warnings).toEqual([]);
}, 120_000);

/** A file system of one megabyte, where the machine lets us have one. */
function smallDisk(path: string): boolean {
  return (
    process.getuid?.() === 0 &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]).status === 0
  );
}

const probe = mkdtempSync(join(tmpdir(), 'filigree-mount-'));
const canMount = smallDisk(probe);
if (canMount) spawnSync('umount', [probe]);
else console.warn('no small file system can be mounted here: the full disk is not tried out');
rmSync(probe, { recursive: true });

describe.skipIf(!canMount)('on a full disk (skipped where no tmpfs can be mounted)', () => {
  beforeEach(() => expect(smallDisk(folder)).toBe(true));
  afterEach(() => spawnSync('umount', [folder]));

  test('a flush that does not fit leaves nothing behind; after freeing space the run goes on', async () => {
    await writeFileAtomic(join(folder, 'ballast'), Buffer.alloc(300_000));
    const store = RunStore.open(join(folder, 'runs.sqlite'), { onWarning: () => {} });
    const run = startedRun(store);
    let stored = 0;
    const fill = () => {
      for (; stored < 1000; stored++) {
        store.appendFrames(run, [
          scalars('a', stored * 500, (stored + 1) * 500),
          mask(stored),
          event(stored),
          scalars('b', stored * 500, (stored + 1) * 500),
        ]);
      }
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'UserError', code: 'disk-full' }));
    const expectWhole = () => {
      expect(store.integrityCheck()).toEqual([]);
      expect(store.readSeries(run, 'a').steps.length).toBe(stored * 500);
      expect(store.readSeries(run, 'b').steps.length).toBe(stored * 500);
      expect(store.readEvents(run)).toHaveLength(stored);
      expect(store.listSnapshots(run)).toHaveLength(stored);
    };
    expect(stored).toBeGreaterThan(0);
    expectWhole();
    rmSync(join(folder, 'ballast'));
    const before = stored;
    expect(fill).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(stored).toBeGreaterThan(before);
    expectWhole();
    store.close();
  });

  test.each([0, 8, 40, 120])(
    'a store that has %i KB to begin with says so and opens once there is space',
    (kilobytes) => {
      writeFileSync(join(folder, 'ballast'), Buffer.alloc((1024 - kilobytes) * 1024));
      const database = join(folder, 'runs.sqlite');
      const use = () => {
        const store = RunStore.open(database, { onWarning: () => {} });
        try {
          startedRun(store);
        } finally {
          store.close();
        }
      };
      expect(use).toThrow(expect.objectContaining({ code: 'disk-full' }));
      rmSync(join(folder, 'ballast'));
      expect(use).not.toThrow();
    },
  );

  test('a file that does not fit is not there at all, and the old one stays', async () => {
    const path = join(folder, 'file');
    await writeFileAtomic(path, Buffer.from('old'));
    await expect(writeFileAtomic(path, Buffer.alloc(2_000_000))).rejects.toMatchObject({ code: 'disk-full' });
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
