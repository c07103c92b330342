import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exporters } from '../../../../main/exporters/registry.ts';
import { openWorkbench, trainRun } from '../../../support/workbench.ts';

describe('an export', () => {
  test('of every format goes into the workspace, verified, with code that loads it', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    for (const { id: format, extension } of exporters) {
      const result = await workbench.call('exports.create', { runId, format });
      expect(result.path).toBe(join(workbench.workspace.root, 'exports', result.file));
      expect(result.file).toMatch(new RegExp(`^rigl-on-two-moons-${runId.slice(-6)}.*\\${extension}$`));
      for (const { path, bytes, sha256 } of result.files) {
        const content = readFileSync(path);
        expect(bytes).toBe(content.length);
        expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
      }
      expect(result).toMatchObject({
        ...{ format, transforms: [], downloads: [] },
        // 2 · 32 + 32 · 2 weights, 32 + 2 biases; 30 % of the weights.
        ...{ weights: 128, nnz: 38, denseBytes: 4 * (128 + 34) },
      });
      expect(result.snippet.code).not.toContain('{file}');
      // The code itself is run in model-card.test.ts.
    }
    expect(workbench.said('task.changed').filter(({ state }) => state === 'done')).toHaveLength(
      exporters.length,
    );
  });

  test('in a browser comes with a link, and its code names the file alone', async () => {
    const offered: string[] = [];
    const workbench = openWorkbench({
      kind: 'browser',
      offerDownload: (path) => `/download/${offered.push(path)}`,
    });
    const runId = await trainRun(workbench);
    const result = await workbench.call('exports.create', { runId, format: 'npz' });
    expect(offered).toEqual([result.path, `${result.path}.card.md`, `${result.path}.card.json`]);
    expect(result.downloads).toEqual([
      { name: result.file, url: '/download/1' },
      { name: `${result.file}.card.md`, url: '/download/2' },
      { name: `${result.file}.card.json`, url: '/download/3' },
    ]);
    expect(result.snippet.code).toContain(`np.load("${result.file}")`);
  });

  test('replaces a file only on request', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    const path = join(workbench.workspace.root, 'my "best" model.npz');
    writeFileSync(path, 'precious');
    const input = { runId, format: 'npz', path };
    await expect(workbench.call('exports.create', input)).rejects.toMatchObject({
      code: 'file-exists',
      field: 'path',
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const result = await workbench.call('exports.create', { ...input, overwrite: true });
    expect(result.path).toBe(path);
    expect(result.snippet.code).toContain('my \\"best\\" model.npz');
  });

  test('takes relative paths inside the export folder and none that lead out of it', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    const folder = join(workbench.workspace.root, 'exports');
    const to = (path: string) => workbench.call('exports.create', { runId, format: 'npz', path });
    expect((await to('best/one.npz')).path).toBe(join(folder, 'best', 'one.npz'));
    for (const path of ['../one.npz', 'a/../../../one.npz', '..', '.', 'a\0b']) {
      await expect(to(path), path).rejects.toMatchObject({ code: 'bad-path', field: 'path' });
    }
    mkdirSync(join(folder, 'folder'));
    await expect(to('folder')).rejects.toThrow(/is a folder/);
    expect(existsSync(resolve(folder, '..', 'one.npz'))).toBe(false);
  });

  test('of an unknown format, run, or a run without a checkpoint is refused by name', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    await expect(workbench.call('exports.create', { runId, format: 'pickle' })).rejects.toMatchObject({
      field: 'format',
    });
    const nobody = '0'.repeat(26);
    await expect(workbench.call('exports.create', { runId: nobody, format: 'npz' })).rejects.toMatchObject({
      code: 'unknown-run',
    });
    await workbench.call('settings.change', { slots: 1 });
    const { id } = await workbench.call('runs.create', {
      config: { model: 'mlp', dataset: { id: 'csv', folder: '/nowhere' } },
    });
    await expect(workbench.call('exports.create', { runId: id, format: 'npz' })).rejects.toMatchObject({
      code: 'no-checkpoint',
    });
  });
});
