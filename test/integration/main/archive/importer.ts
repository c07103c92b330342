import { adoptImport, stageImport } from '../../../../main/app/run-archive.ts';
import { openWorkspace } from '../../../../main/app/workspace.ts';
import { RunStore } from '../../../../main/store/run-store.ts';

/** Imports an archive, deletes the run and imports it again, for as long as nobody kills it: `importer.ts WORKSPACE FILE`. */
const [root, path] = process.argv.slice(2);
const workspace = openWorkspace(root);
const store = RunStore.open(workspace.database, { onWarning: () => {} });
process.stdout.write('ready\n');
for (;;) {
  const { id } = await adoptImport(store, await stageImport({ path, workspace: root }, () => {}));
  process.stdout.write('imported\n');
  store.moveToTrash([id]);
  store.deleteRuns([id], { dryRun: false });
}
