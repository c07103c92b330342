import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestHost, removeWorkspace, temporaryWorkspace, type TestHost } from '../../../support/host.ts';
import { trainRun, until } from '../../../support/workbench.ts';
import { fingerprint } from '../../../support/archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'filigree-archive-'));
const path = join(folder, 'run.filigree');
/** Without the wait for measuring what is fastest. */
const engine = { backend: 'native' };
let here: TestHost;
let there: TestHost;
let id: string;

beforeAll(async () => {
  here = openTestHost(temporaryWorkspace());
  there = openTestHost(temporaryWorkspace());
  id = await trainRun({ ...here, said: () => [] }, { engine });
  await here.call('runs.setNotes', { id, notes: 'Ünïcode & <b>notes</b>\n' });
  await here.call('runs.setTags', { id, tags: ['paper', 'fig 3'] });
  await here.store.artifacts.put(
    id,
    { role: 'log', name: 'a.txt', media: 'text/plain' },
    Buffer.from('kept'),
  );
  await here.call('archives.create', { runId: id, path });
});
afterAll(async () => {
  for (const host of [here, there]) {
    await host.close();
    removeWorkspace(host.workspace);
  }
  rmSync(folder, { recursive: true });
});

/** Everything that a store knows of a run. */
function known({ store, workspace }: TestHost, run: string) {
  const { environment, ...row } = { ...store.getRun(run), heartbeatMs: undefined };
  const runFolder = workspace.runFolder(run);
  return {
    row,
    environment: { ...environment, imported: undefined },
    summary: store.readSummary(run),
    events: store.readEvents(run),
    series: store.seriesKeys(run).map((key) => [key, store.readSeries(run, key)]),
    summaries: store.seriesSummaries(run),
    masks: store.readSnapshots(run),
    checkpoints: store.readCheckpoints(run).map(({ step, bytes, sha256 }) => ({ step, bytes, sha256 })),
    files: readdirSync(runFolder).map((name) => [
      name,
      readFileSync(join(runFolder, name)).toString('base64'),
    ]),
    artifacts: store.artifacts.list(run),
  };
}

describe('an archive', () => {
  test('brings everything of a run into another workspace, to the last bit', async () => {
    const result = await there.call('archives.import', { path });
    expect(result).toEqual({ id, name: here.store.getRun(id).name, outcome: 'imported' });
    const before = known(here, id);
    expect(before.series.length).toBeGreaterThan(5);
    expect(before.masks.length).toBeGreaterThan(1);
    expect(before.files.length).toBeGreaterThan(0);
    expect(known(there, id)).toEqual(before);
    expect(there.store.integrityCheck()).toEqual([]);
    expect(readdirSync(there.workspace.root)).not.toContain('imports');
    const [artifact] = there.store.artifacts.list(id);
    expect(Buffer.from(await there.store.artifacts.read(artifact.sha256)).toString()).toBe('kept');
    await there.when('runs.changed', ({ rows }) => rows.some((row) => row.id === id));
  });

  test('is the same bytes every time', async () => {
    const again = join(folder, 'again.filigree');
    await here.call('archives.create', { runId: id, path: again });
    expect(readFileSync(again).equals(readFileSync(path))).toBe(true);
    const back = join(folder, 'back.filigree');
    await there.call('archives.create', { runId: id, path: back });
    expect(readFileSync(back).equals(readFileSync(path))).toBe(true);
  });

  test('of a run that is here already adds nothing and says so', async () => {
    for (const host of [here, there]) {
      const before = fingerprint(join(host.workspace.root, 'runs'));
      expect(await host.call('archives.import', { path })).toMatchObject({ id, outcome: 'known' });
      expect(host.store.listRuns()).toHaveLength(1);
      expect(fingerprint(join(host.workspace.root, 'runs'))).toEqual(before);
    }
    await there.call('runs.delete', { ids: [id] });
    expect(await there.call('archives.import', { path })).toMatchObject({ id, outcome: 'restored' });
    expect(there.store.getRun(id).deletedMs).toBeUndefined();
  });

  test('whose id is taken by other content gets a new one, and only once', async () => {
    await here.call('runs.rename', { id, name: 'renamed since' });
    const copy = await here.call('archives.import', { path });
    expect(copy.outcome).toBe('copied');
    expect(copy.id).not.toBe(id);
    expect(known(here, copy.id)).toEqual({
      ...known(there, id),
      row: { ...known(there, id).row, id: copy.id },
      artifacts: known(there, id).artifacts.map((artifact) => ({ ...artifact, runId: copy.id })),
    });
    expect(await here.call('archives.import', { path })).toMatchObject({ id: copy.id, outcome: 'known' });
  });

  test('that was deleted for good comes back under its own id', async () => {
    await there.call('runs.delete', { ids: [id] });
    await there.call('storage.cleanUp', { kinds: ['trash'], dryRun: false });
    expect(await there.call('archives.import', { path })).toMatchObject({ id, outcome: 'imported' });
    const { curves, masks } = {
      curves: await there.call('curves.read', {
        series: [{ runId: id, key: 'train/loss' }],
        x: 'epoch',
        buckets: 50,
      }),
      masks: await there.call('masks.list', { id }),
    };
    expect(curves.series[0].total).toBeGreaterThan(0);
    expect(masks.layers.map(({ name }) => name)).toEqual(['fc1.weight', 'fc2.weight']);
    // Inspected, exported, gone on from.
    expect((await there.call('masks.values', { id, layer: 'fc1.weight' })).values.length).toBe(64);
    await there.call('exports.create', { runId: id, format: 'safetensors' });
    const [{ step }] = there.store.readCheckpoints(id);
    const fork = await there.call('runs.create', {
      config: { ...there.store.getRun(id).config },
      parentRunId: id,
      fromStep: step,
    });
    await until(() => there.store.getRun(fork.id).state === 'finished');
    const forkPath = join(folder, 'fork.filigree');
    await there.call('archives.create', { runId: fork.id, path: forkPath });
    expect(await here.call('archives.import', { path: forkPath })).toMatchObject({ outcome: 'imported' });
    expect(here.store.getRun(fork.id)).toMatchObject({ parentRunId: id, forkStep: step });
  });
});

describe('what cannot be archived', () => {
  test('a run that has not ended, a run that does not exist, a file that exists', async () => {
    await here.call('settings.change', { slots: 1 });
    const long = {
      model: { id: 'mlp', widths: [16] },
      dataset: 'two-moons',
      training: { epochs: 5000 },
      engine,
    };
    const { id: live } = await here.call('runs.create', { config: long });
    await expect(here.call('archives.create', { runId: live })).rejects.toMatchObject({
      code: 'run-is-live',
    });
    await here.call('runs.stop', { id: live });
    await expect(here.call('archives.create', { runId: '0'.repeat(26) })).rejects.toMatchObject({
      code: 'unknown-run',
    });
    const taken = join(folder, 'taken');
    writeFileSync(taken, 'precious');
    await expect(here.call('archives.create', { runId: id, path: taken })).rejects.toMatchObject({
      code: 'file-exists',
    });
    expect(readFileSync(taken, 'utf8')).toBe('precious');
  });

  test('a run whose checkpoint is damaged', async () => {
    const [{ step }] = there.store.readCheckpoints(id);
    const file = join(
      there.workspace.runFolder(id),
      `checkpoint-${String(step).padStart(9, '0')}.safetensors`,
    );
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.with(bytes.length - 1, bytes[bytes.length - 1] ^ 1));
    const target = join(folder, 'damaged.filigree');
    await expect(there.call('archives.create', { runId: id, path: target })).rejects.toMatchObject({
      code: 'damaged-file',
    });
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
    writeFileSync(file, bytes);
  });
});

describe('sent by a window', () => {
  const send = async (host: TestHost, bytes: Uint8Array, piece = 300_000) => {
    const { upload } = await host.call('archives.beginUpload', { bytes: bytes.length });
    for (let offset = 0; offset < bytes.length; offset += piece) {
      const data = new Uint8Array(bytes.subarray(offset, offset + piece));
      await host.call('archives.upload', { upload, offset, data });
    }
    return upload;
  };

  test('an archive is imported as from a file, and what was sent is gone', async () => {
    const upload = await send(there, readFileSync(path), 1000);
    expect(await there.call('archives.import', { upload })).toMatchObject({ id, outcome: 'known' });
    expect(readdirSync(there.workspace.root)).not.toContain('imports');
    await expect(there.call('archives.import', { upload })).rejects.toMatchObject({ code: 'bad-upload' });
  });

  test('pieces out of order, too many, too large or too few are refused', async () => {
    const { upload } = await there.call('archives.beginUpload', { bytes: 10 });
    const data = new Uint8Array(6);
    await there.call('archives.upload', { upload, offset: 0, data });
    await expect(there.call('archives.upload', { upload, offset: 6, data })).rejects.toMatchObject({
      code: 'bad-upload',
    });
    const few = await there.call('archives.beginUpload', { bytes: 10 });
    await there.call('archives.upload', { upload: few.upload, offset: 0, data });
    await expect(there.call('archives.import', few)).rejects.toThrow(/6 of 10 bytes/);
    await expect(there.call('archives.beginUpload', { bytes: 2 ** 32 })).rejects.toMatchObject({
      code: 'bad-input',
    });
    const large = new Uint8Array(2 ** 20);
    await expect(there.call('archives.upload', { upload, offset: 0, data: large })).rejects.toMatchObject({
      code: 'bad-input',
    });
    const begun = [];
    for (let i = 0; i < 4; i++) begun.push(await there.call('archives.beginUpload', { bytes: 1 }));
    await expect(there.call('archives.beginUpload', { bytes: 1 })).rejects.toMatchObject({
      code: 'too-many-uploads',
    });
    for (const one of begun) await there.call('archives.import', one).catch(() => {});
    expect(readdirSync(there.workspace.root)).not.toContain('imports');
  });

  test('something else is refused by name', async () => {
    const upload = await send(there, Buffer.from('this is not an archive at all'));
    await expect(there.call('archives.import', { upload })).rejects.toMatchObject({ code: 'bad-archive' });
    await expect(there.call('archives.import', { path: 'relative.filigree' })).rejects.toMatchObject({
      code: 'bad-path',
    });
  });
});
