import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWorkbench, trainRun, type Workbench } from '../../../support/workbench.ts';

const part = async (workbench: Workbench, kind: string) => {
  const { bytes, items } = (await workbench.call('storage.usage', {})).parts.find(
    (one) => one.kind === kind,
  )!;
  return { bytes, items };
};

describe('storage', () => {
  test('is counted by what holds it', async () => {
    const workbench = openWorkbench();
    const { root, data } = workbench.workspace;
    await trainRun(workbench);
    mkdirSync(join(data, 'kmnist'));
    writeFileSync(join(data, 'kmnist', 'train.gz'), Buffer.alloc(1000));
    mkdirSync(join(data, 'csv'));
    writeFileSync(join(data, 'csv', 'mine.csv'), 'precious');
    const usage = await workbench.call('storage.usage', {});
    expect(usage.workspace).toBe(root);
    expect(usage.freeBytes).toBeGreaterThan(0);
    expect(usage.databaseBytes).toBeGreaterThan(10_000);
    expect(usage.total).toBeGreaterThan(usage.databaseBytes + 1008);
    expect(usage.parts.map(({ kind }) => kind)).toEqual([
      'trash',
      'checkpoints',
      'exports',
      'downloads',
      'backups',
    ]);
    expect(await part(workbench, 'downloads')).toEqual({ bytes: 1000, items: 1 });
  });

  test('a dry run tells what would go and touches nothing; the clean-up frees exactly that', async () => {
    const workbench = openWorkbench();
    const { root, data } = workbench.workspace;
    const runId = await trainRun(workbench);
    await workbench.call('exports.create', { runId, format: 'npz' });
    mkdirSync(join(data, 'kmnist'));
    writeFileSync(join(data, 'kmnist', 'train.gz'), Buffer.alloc(1000));
    mkdirSync(join(data, 'csv'));
    writeFileSync(join(data, 'csv', 'mine.csv'), 'precious');
    mkdirSync(join(root, 'backups'));
    for (const day of ['2026-01-01', '2026-01-02', '2026-01-03'])
      writeFileSync(join(root, 'backups', `runs.sqlite.${day}`), Buffer.alloc(500));
    const kinds = ['checkpoints', 'exports', 'downloads', 'backups'] as const;
    const before = await workbench.call('storage.usage', {});
    const planned = await workbench.call('storage.cleanUp', { kinds: [...kinds], dryRun: true });
    const folder = join(root, 'runs', runId);
    expect(readdirSync(folder)).toHaveLength(2);
    // An export comes with its model card in two files.
    expect(planned.items).toHaveLength(1 + 3 + 1 + 2);
    expect(planned.bytes).toBe(before.parts.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(await workbench.call('storage.cleanUp', { kinds: [...kinds], dryRun: false })).toEqual(planned);
    expect(readdirSync(folder)).toEqual(['checkpoint-000000124.safetensors']);
    expect(readdirSync(join(root, 'backups'))).toEqual(['runs.sqlite.2026-01-03']);
    expect(readFileSync(join(data, 'csv', 'mine.csv'), 'utf8')).toBe('precious');
    expect(existsSync(join(data, 'kmnist', 'train.gz'))).toBe(false);
    const after = await workbench.call('storage.usage', {});
    expect(after.parts.every(({ bytes, items }) => bytes === 0 && items === 0)).toBe(true);
    // What is left can still be exported.
    await workbench.call('exports.create', { runId, format: 'npz' });
  });

  test('emptying the trash deletes the runs in it with their folders, and no others', async () => {
    const workbench = openWorkbench();
    const [kept, gone] = [await trainRun(workbench), await trainRun(workbench)];
    await workbench.call('runs.delete', { ids: [gone] });
    expect((await part(workbench, 'trash')).items).toBe(1);
    expect((await part(workbench, 'trash')).bytes).toBeGreaterThan(0);
    const { items } = await workbench.call('storage.cleanUp', { kinds: ['trash'], dryRun: false });
    expect(items).toEqual([`rigl on two-moons (${gone.slice(-6)})`]);
    expect(readdirSync(join(workbench.workspace.root, 'runs'))).toEqual([kept]);
    expect((await workbench.call('runs.list', {})).map(({ id }) => id)).toEqual([kept]);
  });
});

describe('files of the host', () => {
  test('folders come first, hidden and dangling ones not at all', async () => {
    const workbench = openWorkbench();
    const folder = join(workbench.workspace.root, 'some');
    for (const name of ['b10', 'b9', '.git']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'a.csv'), '12345');
    writeFileSync(join(folder, '.secret'), '');
    symlinkSync('/nowhere', join(folder, 'dangling'));
    expect(await workbench.call('files.list', { path: folder })).toEqual({
      path: folder,
      parent: workbench.workspace.root,
      entries: [
        { name: 'b9', isFolder: true, bytes: 0 },
        { name: 'b10', isFolder: true, bytes: 0 },
        { name: 'a.csv', isFolder: false, bytes: 5 },
      ],
    });
    expect((await workbench.call('files.list', { path: '/' })).parent).toBeUndefined();
    expect((await workbench.call('files.list', {})).path).not.toBe('');
  });

  test('what cannot be listed is said in words', async () => {
    const workbench = openWorkbench();
    const list = (path: string) => workbench.call('files.list', { path });
    await expect(list('/nowhere/at/all')).rejects.toThrow(/"\/nowhere\/at\/all" does not exist/);
    await expect(list(workbench.workspace.database)).rejects.toThrow(/is not a folder/);
    await expect(list('relative')).rejects.toMatchObject({ code: 'bad-path' });
    await expect(list('/a\0b')).rejects.toMatchObject({ code: 'bad-path' });
  });

  test('what only a desktop can do is unavailable in a browser, and reaches it there', async () => {
    const browser = openWorkbench();
    await expect(browser.call('shell.chooseFolder', {})).rejects.toMatchObject({ code: 'unavailable' });
    await expect(browser.call('shell.reveal', { path: '/' })).rejects.toMatchObject({ code: 'unavailable' });
    const revealed: string[] = [];
    const desktop = openWorkbench({
      kind: 'desktop',
      chooseFolder: async () => '/chosen',
      reveal: (path) => revealed.push(path),
    });
    expect(await desktop.call('shell.chooseFolder', {})).toEqual({ path: '/chosen' });
    await desktop.call('shell.reveal', { path: desktop.workspace.database });
    await expect(desktop.call('shell.reveal', { path: '/nowhere' })).rejects.toMatchObject({
      code: 'no-such-file',
    });
    await expect(desktop.call('shell.reveal', { path: 'https://example.org' })).rejects.toMatchObject({
      code: 'bad-path',
    });
    expect(revealed).toEqual([desktop.workspace.database]);
  });
});

describe('settings', () => {
  test('reach every window and the next start', async () => {
    const workbench = openWorkbench();
    await workbench.call('settings.change', { theme: 'dark', slots: 2 });
    expect(workbench.said('settings.changed').at(-1)).toMatchObject({ theme: 'dark', slots: 2 });
    expect(JSON.parse(readFileSync(join(workbench.workspace.root, 'settings.json'), 'utf8'))).toMatchObject({
      slots: 2,
    });
    await expect(workbench.call('settings.change', { slots: 99 })).rejects.toMatchObject({ field: 'slots' });
    await expect(workbench.call('settings.change', { nope: 1 } as never)).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect((await workbench.call('settings.get', {})).slots).toBe(2);
  });
});

test('the workbench says what and where it is', async () => {
  const workbench = openWorkbench();
  const info = await workbench.call('workbench.describe', {});
  expect(info).toMatchObject({ shell: 'browser', workspace: workbench.workspace.root });
  expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
  expect((await workbench.call('catalog.describe', {})).methods).toHaveLength(15);
});
