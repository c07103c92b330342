import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../../../../shared/model-card.ts';
import { openWorkbench, trainRun, type Workbench } from '../../../support/workbench.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const libraries = 'import numpy, scipy.sparse, safetensors, torch, onnxruntime';
const hasPython = spawnSync('python3', ['-c', libraries]).status === 0;
if (!hasPython)
  console.warn(
    'python3 with numpy, scipy, safetensors, torch and onnxruntime is not here: code in cards is not run',
  );

const exportsOf = ({ workspace }: Workbench) => join(workspace.root, 'exports');

/** The code blocks of a Markdown document. */
const codeBlocks = (markdown: string) =>
  [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }));

describe('the card of an export', () => {
  test('says what was trained, how, and what is in the file', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    const { path, card, check } = await workbench.call('exports.create', { runId, format: 'npz' });
    expect(readdirSync(exportsOf(workbench)).sort()).toEqual(
      [path, ...card.paths].map((file) => file.slice(exportsOf(workbench).length + 1)).sort(),
    );
    const markdown = readFileSync(`${path}.card.md`, 'utf8');
    expect(markdown).toBe(card.markdown);
    const content = JSON.parse(readFileSync(`${path}.card.json`, 'utf8')) as ModelCard;
    expect(content).toEqual(JSON.parse(JSON.stringify(card.content)));

    const run = workbench.store.getRun(runId);
    const summary = workbench.store.readSummary(runId)!.values;
    expect(content).toMatchObject({
      run: { id: runId, state: 'finished', configHash: run.configHash, wallMs: summary['time/wallMs'] },
      method: { id: 'rigl', paper: { reference: expect.stringContaining('arXiv 1911.11134') as string } },
      dataset: { id: 'two-moons', sha256: run.environment.datasetSha256 },
      config: { training: { seed: 0, epochs: 2 } },
      metrics: { accuracy: summary['test/accuracy'], loss: summary['test/loss'] },
      layers: [
        { name: 'fc1.weight', shape: [32, 2], weights: 64 },
        { name: 'fc2.weight', shape: [2, 32], weights: 64 },
      ],
      // 2 per multiply-accumulate; 38 of 128 weights are active.
      flops: {
        training: { total: summary['flops/train'] },
        inference: { sparse: 2 * 38, dense: 2 * 128 },
      },
      file: { denseBytes: 4 * (128 + 34), network: { parameters: 162, inferenceFlops: 2 * 128 } },
    });
    expect(content.layers.reduce((sum, { nonzeros }) => sum + nonzeros, 0)).toBe(38);
    expect(content.file!.check).toEqual(check);
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(content.file!.files).toEqual([
      { name: path.split('/').at(-1), bytes: readFileSync(path).length, sha256 },
    ]);
    for (const text of [sha256, 'arXiv 1911.11134', '| fc1.weight | 32 × 2 |', 'density=0.3'])
      expect(markdown).toContain(text);
    expect(markdown).not.toMatch(/undefined|NaN|\[object/);
  });

  test('is not written where there is one already, and neither is the export', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench);
    const path = join(workbench.workspace.root, 'model.npz');
    writeFileSync(`${path}.card.md`, 'precious');
    const input = { runId, format: 'npz', path };
    await expect(workbench.call('exports.create', input)).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(`${path}.card.md`, 'utf8')).toBe('precious');
    expect([path, `${path}.card.json`].some(existsSync)).toBe(false);
    await workbench.call('exports.create', { ...input, overwrite: true });
    expect(readFileSync(`${path}.card.md`, 'utf8')).toMatch(/^# /);
  });

  test('tells of transforms, and of the network they have left', async () => {
    const workbench = openWorkbench();
    // At 3 % density most of the 32 hidden units are dead.
    const runId = await trainRun(workbench, { method: { id: 'static', density: 0.03 } });
    const preview = await workbench.call('exports.preview', { runId, transforms: ['shrink'] });
    expect(preview.before).toEqual({ parameters: 162, inferenceFlops: 256 });
    expect(preview.removed).toEqual([{ name: 'fc1', before: 32, after: expect.any(Number) }]);
    const { after } = preview.removed[0];
    expect(after).toBeLessThan(16);
    expect(preview.after).toEqual({ parameters: 5 * after + 2, inferenceFlops: 8 * after });
    const input = { runId, format: 'safetensors', transforms: ['shrink'] };
    const { card, check } = await workbench.call('exports.create', input);
    expect(card.content.file).toMatchObject({ transforms: ['shrink'], network: preview.after });
    expect(card.content.model.parameters).toBe(162);
    expect(check.forward!.maxDifference).toBeLessThanOrEqual(check.forward!.tolerance);
    expect(await workbench.call('exports.preview', { runId, transforms: [] })).toEqual({
      ...{ before: preview.before, after: preview.before, removed: [] },
    });
    const unknown = workbench.call('exports.preview', { runId, transforms: ['quantise'] });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown-transform' });
  });

  test('stays one document whatever the run is called', async () => {
    const workbench = openWorkbench();
    const runId = await trainRun(workbench, { name: '# <b>x</b>\n\n```sh\nrm | *y* [z](http://a) `' });
    const { card } = await workbench.call('exports.create', { runId, format: 'npz' });
    expect(card.markdown.split('\n')[0]).toBe(
      '# \\# \\<b\\>x\\</b\\> \\`\\`\\`sh rm \\| \\*y\\* \\[z\\](http://a) \\`',
    );
    expect(codeBlocks(card.markdown)).toHaveLength(1);
  });
});

// PyTorch, ONNX Runtime, SciPy and TensorFlow.js; the code of every other format is run in the tests of exporters.
describe.skipIf(!hasPython)('the code in a card (skipped without the Python libraries)', () => {
  test.each(['safetensors', 'onnx', 'scipy-csr', 'tfjs'])(
    'of a %s export runs beside the file',
    async (format) => {
      const workbench = openWorkbench({ kind: 'browser', offerDownload: () => '/download' });
      const runId = await trainRun(workbench);
      const { card } = await workbench.call('exports.create', { runId, format });
      const [{ language, code }, ...others] = codeBlocks(card.markdown);
      expect(others).toEqual([]);
      const cwd = exportsOf(workbench);
      const command = language === 'python' ? ['python3', '-c'] : [process.execPath, '-e'];
      symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
      const { status, stdout, stderr } = spawnSync(command[0], [...command.slice(1), code], {
        ...{ cwd, encoding: 'utf8' },
      });
      expect(status, stderr).toBe(0);
      expect(stdout).not.toBe('');
    },
  );
});
