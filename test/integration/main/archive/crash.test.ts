import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { adoptImport, archiveRun, stageImport } from '../../../../main/app/run-archive.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { encodeMask } from '../../../../main/topology/snapshot.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { hashConfig } from '../../../../main/training/prepare.ts';
import type { Frame } from '../../../../shared/frames.ts';
import { event, newRun, scalars } from '../../../unit/main/store/helpers.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';
import { unpack, json } from '../../../support/archives.ts';

const importer = fileURLToPath(new URL('importer.ts', import.meta.url));

/** A layer of 8 weights with as many ones as steps. */
function mask(step: number): Frame {
  const ones = Uint8Array.from({ length: 8 }, (_, i) => Number(i < step));
  const layer = { name: 'fc1.weight', rows: 2, columns: 4, nnz: step, ...encodeMask(ones) };
  return { type: 'topology', step, layers: [layer] };
}

/** Kills it `afterMs` after it is ready. */
function importUntilKilled(root: string, path: string, afterMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [importer, root, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
    child.on('exit', (code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`ended with ${code}`)),
    );
  });
}

test('killed at any moment, an import leaves the store as it was or the whole run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-crash-'));
  const path = join(folder, 'run.filigree');
  const source = temporaryWorkspace();
  const target = temporaryWorkspace();
  const made = RunStore.open(source.database, { onWarning: () => {} });
  const config = parseRunConfig({ name: 'to be moved' });
  const id = made.createRun({ config, configHash: hashConfig(config), seed: 0, environment: {} });
  for (const state of ['queued', 'starting', 'running', 'stopped'] as const) made.setState(id, state);
  made.appendFrames(id, [scalars('loss', 0, 20_000), mask(1), mask(2), event(3)]);
  await made.artifacts.put(id, { role: 'log', name: 'a', media: 'text/plain' }, Buffer.alloc(100_000, 'a'));
  await archiveRun({ workspace: source.root, id, path }, () => {});
  const curve = made.readSeries(id, 'loss');
  made.close();
  const content = unpack(readFileSync(path));

  const first = RunStore.open(target.database, { onWarning: () => {} });
  const other = first.createRun(newRun());
  first.close();
  const seen = { none: 0, whole: 0 };
  for (let i = 0; i < 15; i++) {
    await importUntilKilled(target.root, path, 20 + 37 * i);
    const store = RunStore.open(target.database, { onWarning: () => {} });
    expect(store.integrityCheck()).toEqual([]);
    expect(store.getRun(other).state).toBe('draft');
    const runs = store.listRuns().filter((run) => run.id !== other);
    const deleted = store.listRuns({ deleted: true });
    if (runs.length + deleted.length === 0) seen.none++;
    for (const run of [...runs, ...deleted]) {
      seen.whole++;
      expect(run.id).toBe(id);
      expect(store.readSeries(id, 'loss')).toEqual(curve);
      expect(store.listSnapshots(id)).toHaveLength(2);
      expect(store.readEvents(id)).toHaveLength(json(content, 'events.json').length);
      const [artifact] = store.artifacts.list(id);
      expect((await store.artifacts.read(artifact.sha256)).length).toBe(100_000);
      expect(existsSync(join(target.root, 'runs', id))).toBe(true);
      store.moveToTrash([id]);
      store.deleteRuns([id], { dryRun: false });
    }
    // What is left of it does not stand in the way, and the next import clears the run folder that nobody owns.
    const again = await adoptImport(store, await stageImport({ path, workspace: target.root }, () => {}));
    expect(again).toMatchObject({ id, outcome: 'imported' });
    expect(readdirSync(join(target.root, 'runs'))).toEqual([id]);
    store.moveToTrash([id]);
    store.deleteRuns([id], { dryRun: false });
    store.close({ backUp: false });
  }
  expect(seen.none).toBeGreaterThan(0);
  removeWorkspace(source);
  removeWorkspace(target);
  rmSync(folder, { recursive: true });
}, 240_000);
