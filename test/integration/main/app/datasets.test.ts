import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import sharp from 'sharp';
import { openWorkbench, until, type Workbench } from '../../../support/workbench.ts';

afterEach(() => vi.unstubAllEnvs());

const info = async (workbench: Workbench, name: string) =>
  (await workbench.call('datasets.list', {})).find((dataset) => dataset.name === name)!;

/** Eight images of 4 x 4 in two classes. */
async function writeImages(folder: string): Promise<void> {
  for (const [name, value] of [
    ['dark', 20],
    ['light', 230],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const image = sharp(Buffer.alloc(4 * 4 * 3, value + i), { raw: { width: 4, height: 4, channels: 3 } });
      await image.png().toFile(join(folder, name, `${i}.png`));
    }
  }
}

test('the list tells states, origins and shapes without loading anything', async () => {
  const workbench = openWorkbench();
  const list = await workbench.call('datasets.list', {});
  const by = Object.fromEntries(list.map((dataset) => [dataset.name, dataset]));
  expect(by['fashion-mnist-mini']).toMatchObject({ state: 'ready', origin: 'embedded', trainCount: 10_000 });
  expect(by['two-moons']).toMatchObject({ state: 'ready', origin: 'generated', shape: [2, 1, 1] });
  expect(by['cifar100']).toMatchObject({ state: 'downloadable', origin: '', bytes: 0, classes: 100 });
  expect(by['image-folder']).toMatchObject({ state: 'needs-folder', shape: undefined });
  mkdirSync(join(workbench.workspace.data, 'csv'));
  writeFileSync(join(workbench.workspace.data, 'csv', 'table.csv'), 'x,label\n1,a\n2,b\n');
  expect(await info(workbench, 'csv')).toMatchObject({ state: 'ready', bytes: 16 });
});

describe('a preview', () => {
  test('shows pages of one class, with positions in the split', async () => {
    const workbench = openWorkbench();
    const page = await workbench.call('datasets.preview', {
      ...{ dataset: { id: 'fashion-mnist-mini' }, split: 'test', label: 7, offset: 195, count: 60 },
    });
    expect(page.matching).toBe(200);
    expect([...page.labels]).toEqual([7, 7, 7, 7, 7]);
    expect(page.samples.length).toBe(5 * 784);
    const all = await workbench.call('datasets.preview', {
      ...{ dataset: { id: 'fashion-mnist-mini' }, split: 'test', offset: page.indices[0], count: 1 },
    });
    expect(all.samples).toEqual(page.samples.slice(0, 784));
    expect(all.matching).toBe(2000);
  });

  test('scales features that are not bytes to 0..255, each on its own', async () => {
    const workbench = openWorkbench();
    const { samples } = await workbench.call('datasets.preview', {
      ...{ dataset: { id: 'two-moons' }, split: 'train', count: 500 },
    });
    for (const feature of [0, 1]) {
      const values = samples.filter((_, i) => i % 2 === feature);
      expect(Math.max(...values)).toBeGreaterThan(230);
      expect(Math.min(...values)).toBeLessThan(25);
    }
  });

  test('of data that is not here says where it belongs, and fetches nothing', async () => {
    const workbench = openWorkbench();
    await expect(
      workbench.call('datasets.preview', { dataset: { id: 'cifar100' }, split: 'train' }),
    ).rejects.toMatchObject({ code: 'no-data', field: 'dataset.folder' });
  });

  test('names a setting that is wrong', async () => {
    const workbench = openWorkbench();
    await expect(
      workbench.call('datasets.preview', {
        dataset: { id: 'two-moons', values: { noise: -1 } },
        split: 'train',
      }),
    ).rejects.toMatchObject({ field: 'dataset.noise' });
  });
});

describe('an import', () => {
  test('is loaded once, listed under its name, offered to runs, and forgotten', async () => {
    const workbench = openWorkbench();
    const folder = join(workbench.workspace.root, 'pictures');
    await writeImages(folder);
    const dataset = { id: 'image-folder', values: { folder, size: 4, testShare: 0.25 } };
    const preview = await workbench.call('datasets.import', { name: 'My pictures', dataset });
    expect(preview).toMatchObject({ classNames: ['dark', 'light'], trainCount: 6, testCount: 2 });
    expect(await info(workbench, 'My pictures')).toMatchObject({
      ...{ imported: true, state: 'ready', origin: folder },
      dataset: { id: 'image-folder', values: { folder, size: 4 } },
    });
    const { network, problems } = await workbench.call('form.preview', {
      config: { model: { id: 'mlp', widths: [8] }, dataset, training: { batchSize: 3 } },
    });
    expect(problems).toEqual([]);
    expect(network).toMatchObject({ parameters: 48 * 8 + 8 + 16 + 2, stepsPerEpoch: 2 });
    expect(workbench.said('settings.changed')).toHaveLength(1);
    await workbench.call('datasets.forget', { name: 'My pictures' });
    expect(await info(workbench, 'My pictures')).toBeUndefined();
    await expect(workbench.call('datasets.forget', { name: 'My pictures' })).rejects.toMatchObject({
      code: 'unknown-import',
    });
  });

  test('that cannot be loaded is not remembered', async () => {
    const workbench = openWorkbench();
    const folder = join(workbench.workspace.root, 'broken');
    await writeImages(folder);
    writeFileSync(join(folder, 'dark', '3.png'), 'no image');
    await expect(
      workbench.call('datasets.import', {
        name: 'Broken',
        dataset: { id: 'image-folder', values: { folder } },
      }),
    ).rejects.toThrow(/3\.png cannot be read as an image/);
    expect((await workbench.call('settings.get', {})).imports).toEqual([]);
    expect(workbench.said('task.changed').at(-1)).toMatchObject({ kind: 'import', state: 'failed' });
  });

  test.each([
    [{ name: 'MNIST', dataset: { id: 'csv' } }, 'name'],
    [{ name: 'two-moons', dataset: { id: 'csv' } }, 'name'],
    [{ name: 'x', dataset: { id: 'csv', values: { folder: '../../etc' } } }, 'dataset.folder'],
    [{ name: 'x', dataset: { id: 'csv', values: { folder: '/nowhere/at/all' } } }, 'dataset.folder'],
    [{ name: 'x', dataset: { id: 'parquet' } }, 'dataset.id'],
    [{ name: '', dataset: { id: 'csv' } }, 'name'],
  ])('%o is refused', async (input, field) => {
    await expect(openWorkbench().call('datasets.import', input)).rejects.toMatchObject({ field });
  });
});

describe('a download', () => {
  /** The published mirrors, as far as the host's helper processes can tell. */
  async function mirror(answer: (response: ServerResponse) => void): Promise<void> {
    const server = createServer((_, response) => answer(response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const preload = fileURLToPath(new URL('../../../support/redirect-fetch.mjs', import.meta.url));
    vi.stubEnv('NODE_OPTIONS', `--import ${preload}`);
    vi.stubEnv('FILIGREE_TEST_MIRROR', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  test('tells how far it is; cancelled, it leaves nothing behind', async () => {
    let sending: ServerResponse | undefined;
    await mirror((response) => {
      sending = response;
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(Buffer.alloc(250_000));
    });
    const workbench = openWorkbench();
    const { taskId } = await workbench.call('datasets.download', { id: 'cifar100' });
    expect(await workbench.call('datasets.download', { id: 'cifar100' })).toEqual({ taskId });
    const folder = join(workbench.workspace.data, 'cifar100');
    await until(() => workbench.said('task.changed').some(({ fraction }) => fraction === 0.25));
    expect(readdirSync(folder)).toEqual(['cifar-100-binary.tar.gz.part']);
    expect((await info(workbench, 'cifar100')).state).toBe('downloadable');
    await workbench.call('tasks.cancel', { id: taskId });
    await until(() => workbench.said('task.changed').at(-1)!.state === 'cancelled');
    expect(readdirSync(folder)).toEqual([]);
    await until(() => sending!.destroyed);
  });

  test('that fails names every mirror and where the file belongs', async () => {
    await mirror((response) => response.writeHead(404).end());
    const workbench = openWorkbench();
    await workbench.call('datasets.download', { id: 'kmnist' });
    await until(() => workbench.said('task.changed').at(-1)!.state === 'failed');
    expect(workbench.said('task.changed').at(-1)).toMatchObject({
      kind: 'download',
      message: expect.stringMatching(/the server answered 404.*put the file into .*kmnist by hand/) as string,
    });
    // The next one is a new attempt.
    await workbench.call('datasets.download', { id: 'kmnist' });
    await until(() => workbench.said('task.changed').filter(({ state }) => state === 'failed').length === 2);
  });

  test.each(['two-moons', 'image-folder'])('of %s is refused', async (id) => {
    await expect(openWorkbench().call('datasets.download', { id })).rejects.toMatchObject({
      code: 'not-downloadable',
    });
  });
});
