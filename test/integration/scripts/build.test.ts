import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ensureWindow } from '../../../scripts/build-window.mjs';
import { noEngines } from '../../support/no-engines.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, file), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...noEngines },
  });

it('bundles the host code into a command that trains on the embedded images', async () => {
  await ensureWindow();
  const workspace = mkdtempSync(join(tmpdir(), 'filigree-bundle-'));
  try {
    const flags = ['--workspace', workspace, '--epochs', '1', '--json'];
    const { stdout, status } = run('out/main/cli.js', 'train', ...flags);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'result',
      state: 'finished',
    });
    expect(status).toBe(0);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}, 180_000);
