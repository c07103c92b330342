import { createHost } from '../../../../main/app/host.ts';
import { openWorkspace } from '../../../../main/app/workspace.ts';

/** A host of its own for a test that kills it: opens the workspace given and says which run trains. */
const host = createHost({
  workspace: openWorkspace(process.argv[2]),
  shell: { kind: 'browser' },
  onWarning: () => {},
});
host.events.connect((event, payload) => {
  if (event !== 'runs.changed') return;
  for (const row of (payload as { rows: { id: string; state: string; step: number }[] }).rows) {
    if (row.state === 'running' && row.step > 0) console.log(`training ${row.id}`);
  }
});
