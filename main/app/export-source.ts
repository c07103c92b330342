import type { RunStore } from '../store/run-store.ts';
import { runFacts, type RunFacts } from './model-card/run-facts.ts';
import type { Workspace } from './workspace.ts';

/** What it takes to export a run without the store, as helper processes do; plain data. */
export interface ExportSource {
  facts: RunFacts;
  /** Where the run's checkpoints are. */
  folder: string;
  dataFolder: string;
}

/** @throws UserError `unknown-run` */
export function exportSource(store: RunStore, workspace: Workspace, id: string): ExportSource {
  return { facts: runFacts(store, id), folder: workspace.runFolder(id), dataFolder: workspace.data };
}
