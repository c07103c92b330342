import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExportCheck } from '../../../../shared/export-result.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noEngines } from '../../../support/no-engines.ts';

const entry = fileURLToPath(new URL('../../../../main/cli/index.ts', import.meta.url));
let workspace: string;
beforeAll(() => (workspace = mkdtempSync(join(tmpdir(), 'filigree-cli-'))));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

interface Result {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the real command; `during` may act once it has printed something. */
function filigree(
  args: string[],
  during?: (child: ReturnType<typeof spawn>, out: string) => void,
): Promise<Result> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    env: { ...process.env, ...noEngines, FILIGREE_HOME: workspace },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data;
    during?.(child, out);
  });
  child.stderr.on('data', (data: Buffer) => (err += data));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const moons = [
  '--dataset',
  'two-moons',
  '--widths',
  '16,8',
  '--batch-size',
  '20',
  '--initial-density',
  '0.4',
  '--learning-rate',
  '0.1',
];

describe('filigree', () => {
  it.each([
    [['methods'], 'ml-linbreg'],
    [['methods', 'rigl'], '--update-interval'],
    [['models'], 'resnet18'],
    [['datasets'], 'cifar10'],
    [['backends'], 'not installed: run npm run setup:tensorflow'],
    [['train', '--help', '--method', 'rigl'], '--method.drop-fraction'],
    [[], 'npm run quickstart'],
  ])('%j prints what there is', async (args, text) => {
    const { code, out } = await filigree(args);
    expect(code).toBe(0);
    expect(out).toContain(text);
  });

  it('lists as JSON with fields', async () => {
    const [methods] = lines((await filigree(['methods', '--json'])).out) as unknown as Record<
      string,
      unknown
    >[][];
    expect(methods.map((m) => m.id)).toContain('set');
    expect(methods[0]).toMatchObject({
      fields: { learningRate: { default: expect.any(Number) } },
      taxonomy: { start: 'sparse' },
    });
  });

  it('measures engines, those that are made for speed unless one is named', async () => {
    const measured = await filigree(['backends', '--measure', '--batch', '32', '--json']);
    const [native, , , reference] = lines(measured.out);
    expect(native).toMatchObject({ id: 'native', times: { run: { density: 0.05 }, dense: { density: 1 } } });
    expect(reference).toMatchObject({ id: 'reference', available: true });
    expect(reference.times).toBeUndefined();
    const named = await filigree(['backends', 'reference', '--measure', '--batch', '8', '--sparsity', '0.5']);
    expect(named.out).toMatch(
      /^reference .*\n(.*\n)*.*step +[\d.]+ ms \(50 % dense\), [\d.]+ ms \(dense\)\n$/,
    );
  });

  it.each([
    [['train', '--lambda', '-1'], 'method.lambda: -1 is not a number at least 0'],
    [['train', '--lamda', '1'], 'did you mean --lambda?'],
    [['train', '--preset', 'nonsense'], 'nonsense'],
    [['train', '--config', 'missing.json'], 'missing.json cannot be read as JSON'],
    [['show', 'nonsense'], 'no run'],
    [['methods', 'nonsense'], '"nonsense" is not one of the methods'],
    [['runs', '--limit', 'x'], '--limit: "x" is not a whole number'],
    [['export', 'last', '--format', 'pickle'], 'Allowed choices are safetensors'],
    [
      ['backends', 'nonsense'],
      '"nonsense" is not an engine; there are native, tensorflow, webgpu, reference',
    ],
    [['backends', '--sparsity', '1'], '--sparsity: "1" is not a number from 0 to below 1'],
    [['setup', 'native'], 'native comes with Filigree; to be set up: tensorflow, webgpu'],
    [['nonsense'], 'nonsense'],
  ])('%j ends with exit code 2 and says why', async (args, message) => {
    const { code, err, out } = await filigree(args);
    expect(err + out).toContain(message);
    expect(err).not.toContain('    at ');
    expect(code).toBe(2);
  });

  it('trains, lists and shows a run, and writes its card', async () => {
    const trained = await filigree(['train', ...moons, '--epochs', '20', '--name', 'first', '--json']);
    expect(trained.err).toBe('');
    expect(trained.code).toBe(0);
    const messages = lines(trained.out);
    const result = messages.at(-1)!;
    expect(result).toMatchObject({ type: 'result', state: 'finished' });
    expect((result.summary as Record<string, number>)['test/accuracy']).toBeGreaterThan(0.8);
    expect(new Set(messages.map((m) => m.type))).toEqual(
      new Set(['prepared', 'topology', 'checkpoint', 'scalars', 'summary', 'result']),
    );

    const shown = await filigree(['show', 'last']);
    expect(shown.out).toContain('fc1.weight');
    expect(shown.out).toMatch(/train\/loss +[▁▂▃▄▅▆▇█ ]+/);
    const [details] = lines((await filigree(['show', 'last', '--json'])).out);
    expect(details).toMatchObject({ id: result.id, state: 'finished', name: 'first' });
    expect((await filigree(['runs'])).out).toContain('first');
    const card = await filigree(['card', 'last']);
    expect(card.out).toMatch(/^# first\n/);
    expect(card.out).toContain(`onnxruntime.InferenceSession("${String(result.id)}.onnx"`);
    expect(lines((await filigree(['card', 'last', '--json'])).out)[0]).toMatchObject({
      name: 'first',
      run: { id: result.id, state: 'finished' },
      dataset: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('exports a run: as JSON for programs, in words for people, and no file twice', async () => {
    await filigree(['train', ...moons, '--epochs', '2', '--quiet']);
    const file = join(workspace, 'model.json');
    const write = ['export', 'last', '--format', 'tfjs', '--output', file];
    const exported = await filigree([...write, '--json']);
    expect(exported.err).toBe('');
    expect(exported.code).toBe(0);
    expect(lines(exported.out)).toEqual([
      expect.objectContaining({ format: 'tfjs', path: file, weights: 176 }),
    ]);
    const [{ check }] = lines(exported.out) as [{ check: ExportCheck }];
    expect(check.forward).toMatchObject({ samples: 32, source: 'test samples of Two moons' });
    const again = await filigree(write);
    expect(again.code).toBe(2);
    expect(again.err).toContain('exists already');
    const small = ['export', 'last', '-f', 'onnx', '--shrink', '-o', join(workspace, 'small.onnx')];
    expect((await filigree(small)).out).toMatch(
      /forward pass by .+ on 32 of test samples of Two moons: largest difference/,
    );
  });

  it('checkpoints on Ctrl-C, says how to resume, and resumes', async () => {
    let interrupted = false;
    const stopped = await filigree(['train', ...moons, '--epochs', '1500', '--json'], (child, out) => {
      if (interrupted || !out.includes('"scalars"')) return;
      interrupted = true;
      child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    const { id, state, step } = lines(stopped.out).at(-1) as { id: string; state: string; step: number };
    expect(state).toBe('stopped');
    expect(step).toBeGreaterThan(0);
    expect((await filigree(['show', id])).out).toContain(`filigree resume ${id}`);
    const resumed = await filigree(['resume', id, '--quiet']);
    expect(resumed.code).toBe(0);
    expect(resumed.out).toContain('test accuracy');
    expect((await filigree(['resume', id])).err).toContain('is finished');
  });

  it('reads a config file and lets flags override it', async () => {
    const file = join(workspace, 'run.json');
    writeFileSync(
      file,
      JSON.stringify({
        model: { id: 'mlp', widths: [8] },
        dataset: 'two-moons',
        method: { id: 'set', density: 0.5 },
        training: { epochs: 2, batchSize: 20 },
      }),
    );
    const { out, code } = await filigree([
      'train',
      '--config',
      file,
      '--density',
      '0.6',
      '--seed',
      '4',
      '--json',
    ]);
    expect(code).toBe(0);
    const result = lines(out).at(-1)! as { id: string };
    const [{ config }] = lines((await filigree(['show', result.id, '--json'])).out);
    expect(config).toMatchObject({
      method: { id: 'set', values: { density: 0.6 } },
      training: { seed: 4, epochs: 2 },
      model: { values: { widths: [8] } },
    });
  });
});
