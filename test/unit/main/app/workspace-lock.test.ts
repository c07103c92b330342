import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockWorkspace } from '../../../../main/app/workspace-lock.ts';
import { openWorkspace, type Workspace } from '../../../../main/app/workspace.ts';

let workspace: Workspace;
const file = () => join(workspace.root, 'workbench.lock');

beforeEach(() => {
  workspace = openWorkspace(mkdtempSync(join(tmpdir(), 'filigree-lock-')));
});
afterEach(() => rmSync(workspace.root, { recursive: true }));

it('lets one workbench in and tells the second where the first is', () => {
  const lock = lockWorkspace(workspace);
  expect(() => lockWorkspace(workspace)).toThrow(/is open in a workbench that is starting/);
  lock.announce('a browser window at http://127.0.0.1:1234');
  expect(() => lockWorkspace(workspace)).toThrow(
    `is open in a browser window at http://127.0.0.1:1234 (process ${process.pid}`,
  );
  lock.release();
  lockWorkspace(workspace).release();
  expect(readdirSync(workspace.root)).toEqual(['data']);
});

it('takes over from a process that is gone', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file(), JSON.stringify({ owner: { ...currentOwner(), pid }, where: 'the past' }));
  lockWorkspace(workspace).release();
});

it('takes over from a process whose number another one has now', () => {
  const other = spawn('sleep', ['60']);
  try {
    const owner = { ...currentOwner(), pid: other.pid, started: 'another boot/1' };
    writeFileSync(file(), JSON.stringify({ owner, where: 'the past' }));
    lockWorkspace(workspace).release();
  } finally {
    other.kill();
  }
});

it.each(['', '{', 'null', '{"owner":{}}'])('takes over a lock that was cut off: "%s"', (text) => {
  writeFileSync(file(), text);
  lockWorkspace(workspace).release();
  expect(existsSync(file())).toBe(false);
});

it('keeps no draft behind when it is refused', () => {
  const lock = lockWorkspace(workspace);
  expect(() => lockWorkspace(workspace)).toThrow();
  expect(readdirSync(workspace.root).sort()).toEqual(['data', 'workbench.lock']);
  lock.release();
});

/** What a lock of this very process says. */
function currentOwner(): object {
  const lock = lockWorkspace(workspace);
  const { owner } = JSON.parse(readFileSync(file(), 'utf8')) as { owner: object };
  lock.release();
  return owner;
}
