import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backUpDaily, listBackups } from '../../../../main/store/backups.ts';
import { requireNodeApi } from '../../../../main/store/database.ts';
import { migrate, schemaVersion } from '../../../../main/store/migrate.ts';
import { migrations } from '../../../../main/store/migrations/index.ts';
import { networkFileSystem } from '../../../../main/store/network-file-system.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { newRun, scalars, startedRun, useFolder } from './helpers.ts';

const folder = useFolder();
const file = () => folder.join('runs.sqlite');

function openCollecting(): { store: RunStore; warnings: string[] } {
  const warnings: string[] = [];
  return { store: RunStore.open(file(), { onWarning: (text) => warnings.push(text) }), warnings };
}

/** A closed database with one run of 5 000 points, and its backup of today. */
function makeDatabase(): string {
  const { store } = openCollecting();
  const id = startedRun(store);
  store.appendFrames(id, [scalars('a', 0, 5000)]);
  store.close();
  return id;
}

describe('damage', () => {
  const half = () => Math.floor(readFileSync(file()).length / 2);
  test.each<[string, () => void]>([
    ['cut within its header', () => truncateSync(file(), 60)],
    ['cut in half', () => truncateSync(file(), half())],
    ['garbage from the start', () => writeFileSync(file(), Buffer.alloc(50_000, 'garbage '))],
    ['overwritten in the middle', () => writeFileSync(file(), readFileSync(file()).fill(0xa5, 8192, half()))],
  ])('a database %s is moved aside whole, a fresh one works, and the backup is offered', (_, damage) => {
    const id = makeDatabase();
    damage();
    const damaged = readFileSync(file());
    const { store, warnings } = openCollecting();
    expect(store.listRuns()).toEqual([]);
    expect(startedRun(store)).toMatch(/^[0-9A-Z]{26}$/);
    store.close();

    const [aside] = readdirSync(folder.path).filter((name) => name.startsWith('runs.sqlite.corrupt-'));
    expect(readFileSync(folder.join(aside)).equals(damaged)).toBe(true);
    expect(warnings).toEqual([expect.stringContaining(`moved to ${folder.join(aside)}`)]);
    const [backup] = listBackups(file());
    expect(warnings[0]).toContain(backup);

    copyFileSync(backup, file());
    const restored = RunStore.open(file());
    expect(restored.readSeries(id, 'a').steps.length).toBe(5000);
    restored.close();
  });

  test('without a backup the message says so', () => {
    writeFileSync(file(), 'this is not a database at all, whatever its name says');
    const { store, warnings } = openCollecting();
    store.close();
    expect(warnings[0]).toContain('There is no backup of it yet');
  });

  test('a write-ahead log that another process keeps open goes with its database', () => {
    makeDatabase();
    const other = new Sqlite(file());
    other.prepare('SELECT * FROM run').all();
    writeFileSync(file(), readFileSync(file()).fill(0xa5, 0, half()));
    openCollecting().store.close();
    const suffixes = readdirSync(folder.path).map((name) => /corrupt-\d+-\d+(.*)$/.exec(name)?.[1]);
    expect(suffixes).toEqual(expect.arrayContaining(['', '-wal', '-shm']));
    other.close();
  });

  test('a healthy database, or an empty file, is left where it is', () => {
    writeFileSync(file(), '');
    const id = makeDatabase();
    const { store, warnings } = openCollecting();
    expect(store.listRuns().map((run) => run.id)).toEqual([id]);
    store.close();
    expect(warnings).toEqual([]);
  });
});

describe('files that are not ours to change', () => {
  test("another program's database is refused and keeps every byte", () => {
    const db = new Sqlite(file());
    db.exec('CREATE TABLE theirs (x)');
    db.close();
    const before = readFileSync(file());
    expect(() => RunStore.open(file())).toThrow(expect.objectContaining({ code: 'foreign-database' }));
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  test('a database of a newer version is refused', () => {
    makeDatabase();
    const db = new Sqlite(file());
    db.pragma('user_version = 999');
    db.close();
    expect(() => RunStore.open(file())).toThrow(
      expect.objectContaining({
        code: 'newer-database',
        message: expect.stringMatching(/schema 999.*update Filigree/),
      }),
    );
  });

  test('a folder in its place is reported as what it is', () => {
    mkdirSync(file());
    expect(() => RunStore.open(file())).toThrow(expect.objectContaining({ code: 'cannot-open' }));
  });
});

describe('migrations', () => {
  const fixture = (version: number) => fileURLToPath(new URL(`fixtures/v${version}.sqlite`, import.meta.url));

  test.each(migrations.map((_, i) => i + 1))(
    'a database of version %i opens with everything in it',
    (version) => {
      copyFileSync(fixture(version), file());
      const store = RunStore.open(file());
      const [run] = store.listRuns({ tag: 'kept' });
      expect(run).toMatchObject({
        name: 'from version 1',
        state: 'finished',
        config: { method: { id: 'rigl' } },
      });
      expect(store.readSeries(run.id, 'train/loss').values[599]).toBe(59.9);
      expect(store.snapshotChain(run.id, 'fc1', 10).map((s) => s.step)).toEqual([0, 10]);
      expect(store.readSummary(run.id)!.values).toEqual({ loss: NaN, accuracy: 0.9 });
      expect(store.readEvents(run.id)).toHaveLength(1);
      expect(store.readCheckpoints(run.id)).toHaveLength(1);
      expect(store.integrityCheck()).toEqual([]);
      store.close();
    },
  );

  const next = [...migrations, 'ALTER TABLE run ADD COLUMN colour TEXT'];

  test('an old database is copied first, then changed', () => {
    copyFileSync(fixture(1), file());
    const db = new Sqlite(file());
    migrate(db, file(), next);
    expect(schemaVersion(db)).toBe(next.length);
    expect(db.prepare('SELECT colour FROM run').get()).toEqual({ colour: null });
    db.close();
    const [copy] = readdirSync(folder.path).filter((name) => name.startsWith('runs.sqlite.v1-'));
    const old = new Sqlite(folder.join(copy));
    expect(schemaVersion(old)).toBe(1);
    expect(old.prepare('SELECT name FROM run').all()).toEqual([{ name: 'from version 1' }]);
    old.close();
  });

  test('a migration that fails changes nothing and is not passed over', () => {
    copyFileSync(fixture(1), file());
    const db = new Sqlite(file());
    const broken = [...next, 'ALTER TABLE no_such_table ADD COLUMN x TEXT'];
    expect(() => migrate(db, file(), broken)).toThrow(expect.objectContaining({ code: 'migration-failed' }));
    expect(schemaVersion(db)).toBe(1);
    expect(() => db.prepare('SELECT colour FROM run').get()).toThrow(/no such column/);
    db.close();
  });
});

describe('backups', () => {
  test('one a day, the newest three are kept, and each is a whole database', () => {
    makeDatabase();
    const db = new Sqlite(file());
    for (const day of ['03', '01', '02', '04', '04', '05'])
      backUpDaily(db, file(), new Date(`2030-01-${day}T12:00:00Z`));
    db.close();
    const names = listBackups(file()).map((path) => path.slice(-10));
    expect(names).toEqual(['2030-01-05', '2030-01-04', '2030-01-03']);
    const backup = new Sqlite(listBackups(file())[0], { readonly: true });
    expect(backup.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(backup.prepare('SELECT count(*) AS n FROM run').get()).toEqual({ n: 1 });
    backup.close();
  });

  test('closing makes the backup of the day', () => {
    const store = RunStore.open(file());
    store.createRun(newRun());
    expect(listBackups(file())).toEqual([]);
    store.close();
    expect(listBackups(file())).toHaveLength(1);
    expect(existsSync(`${file()}-wal`)).toBe(false);
  });
});

describe('the guards', () => {
  test('an old Node is refused with the way out', () => {
    expect(() => requireNodeApi(9)).toThrow(/Node-API 9, the run database needs 10; .*npm start.*22\.14/);
    expect(() => requireNodeApi(10)).not.toThrow();
  });

  const mounts = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2',
    '31 30 8:2 / /home/me/local rw - xfs /dev/sdb1 rw',
    '32 22 0:41 / /mnt/my\\040share rw - cifs //server/share rw',
    '33 22 0:42 / /scratch rw - lustre mgs@tcp:/lfs rw',
    '34 22 0:43 / /over rw - ext4 /dev/sdc rw',
    '35 34 0:44 / /over rw - fuse.sshfs host: rw',
  ].join('\n');
  test.each([
    ['/home/me', 'nfs4'],
    ['/home', 'nfs4'],
    ['/homework', undefined],
    ['/home/me/local/x', undefined],
    ['/mnt/my share/x', 'cifs'],
    ['/scratch/run', 'lustre'],
    ['/over/x', 'fuse.sshfs'],
    ['/var/lib', undefined],
  ])('%s is on a network file system: %s', (path, type) => {
    expect(networkFileSystem(path, mounts)).toBe(type);
  });
});
