import { existsSync } from 'node:fs';
import type { RunDetail } from '../../shared/run-view.ts';
import type { RunStore } from '../store/run-store.ts';
import { checkpointFile } from '../training/checkpoint.ts';
import type { Workspace } from './workspace.ts';

/** Everything about one run but its points and masks. @throws UserError `unknown-run` */
export function describeRun(store: RunStore, workspace: Workspace, id: string): RunDetail {
  const { config, configHash, notes, environment } = store.getRun(id);
  const folder = workspace.runFolder(id);
  const described = { ...environment };
  // For the inspector, not for people.
  delete described.layers;
  return {
    row: store.listRows([id])[0],
    config,
    configHash,
    environment: described,
    notes,
    events: store.readEvents(id),
    checkpoints: store.readCheckpoints(id).map(({ step, bytes, sha256 }) => ({
      step,
      bytes,
      sha256,
      available: existsSync(checkpointFile(folder, step)),
    })),
    series: store.seriesKeys(id),
    summary: store.readSummary(id),
    children: store.childrenOf(id),
  };
}
