import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { noEngines } from '../../../support/no-engines.ts';

const entry = fileURLToPath(new URL('../../../../main/cli/index.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'filigree-cli-archive-'));
const [here, there] = ['here', 'there'].map((name) => join(folder, name));
afterAll(() => rmSync(folder, { recursive: true }));

function filigree(workspace: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    env: { ...process.env, ...noEngines, FILIGREE_HOME: workspace },
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test('archive, import and report on the command line', () => {
  const config = [
    '--model',
    'mlp',
    '--widths',
    '16',
    '--dataset',
    'two-moons',
    '--method',
    'rigl',
    '--epochs',
    '1',
  ];
  expect(filigree(here, 'train', ...config, '--engine.backend=native', '-q').code).toBe(0);
  const file = join(folder, 'run.filigree');
  expect(filigree(here, 'archive', 'last', file).out).toContain(file);
  expect(filigree(here, 'archive', 'last', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('exists already'),
  });

  const imported = JSON.parse(filigree(there, 'import', file, '--json').out) as {
    id: string;
    outcome: string;
  };
  expect(imported.outcome).toBe('imported');
  expect(filigree(there, 'show', imported.id).out).toContain('finished');
  const again = filigree(there, 'import', file);
  expect(again.code).toBe(0);
  expect(again.err).toContain('is here already');

  const page = join(folder, 'run.html');
  expect(filigree(there, 'report', 'last', page)).toMatchObject({ code: 0, out: `${page}\n` });
  expect(readFileSync(page, 'utf8')).toContain('How to reproduce');

  const cut = join(folder, 'cut.filigree');
  writeFileSync(cut, readFileSync(file).subarray(0, 5000));
  const before = readdirSync(there);
  expect(filigree(there, 'import', cut)).toMatchObject({
    code: 2,
    err: expect.stringContaining('may be cut off'),
  });
  expect(readdirSync(there)).toEqual(before);
}, 240_000);
