import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adoptImport, archiveRun, stageImport } from '../../../../main/app/run-archive.ts';
import { RunService } from '../../../../main/app/runs.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { removeWorkspace, temporaryWorkspace } from '../../../support/host.ts';

const config = {
  model: { id: 'mlp', widths: [64] },
  dataset: 'two-moons',
  method: { id: 'rigl', density: 0.3 },
  training: { epochs: 150, batchSize: 16 },
  engine: { backend: 'native', threads: 1 },
};
const offline = { allowDownload: false };

test('a stopped run goes on where it is imported, to the same bits as if it had never moved', async () => {
  const [here, there] = [temporaryWorkspace(), temporaryWorkspace()].map((workspace) => {
    const store = RunStore.open(workspace.database, { onWarning: () => {} });
    return { workspace, store, runs: new RunService(store, workspace) };
  });
  const whole = await here.runs.create(config);
  expect((await here.runs.start(whole.id, offline).done).state).toBe('finished');

  const { id } = await here.runs.create(config);
  const active = here.runs.start(id, offline, {
    // As soon as it has trained a little.
    onFrame: ({ type }) => type === 'scalars' && active.stop(),
  });
  expect((await active.done).state).toBe('stopped');
  const path = join(here.workspace.root, 'stopped.filigree');
  await archiveRun({ workspace: here.workspace.root, id, path }, () => {});
  await adoptImport(there.store, await stageImport({ path, workspace: there.workspace.root }, () => {}));
  rmSync(path);
  expect(there.store.readCheckpoints(id)[0].step).toBeLessThan(
    there.store.getRun(id).environment.totalSteps as number,
  );
  expect((await there.runs.resume(id, offline).done).state).toBe('finished');

  for (const key of ['train/loss', 'test/accuracy', 'density']) {
    const { steps, values } = here.store.readSeries(whole.id, key);
    expect(there.store.readSeries(id, key), key).toMatchObject({ steps, values });
  }
  for (const { store, workspace } of [here, there]) {
    store.close();
    removeWorkspace(workspace);
  }
}, 180_000);
