import { RunStore } from '../store/run-store.ts';
import type { HostContext, ShellServices } from './context.ts';
import { createDispatcher, type Dispatcher, type Handlers } from './dispatch.ts';
import { engineChooser } from './engine-choice.ts';
import { EventBus } from './events.ts';
import { archivesHandlers } from './handlers/archives.ts';
import { catalogHandlers } from './handlers/catalog.ts';
import { curvesHandlers } from './handlers/curves.ts';
import { datasetsHandlers } from './handlers/datasets.ts';
import { enginesHandlers } from './handlers/engines.ts';
import { exportsHandlers } from './handlers/exports.ts';
import { filesHandlers } from './handlers/files.ts';
import { formHandlers } from './handlers/form.ts';
import { inferenceHandlers } from './handlers/inference.ts';
import { liveHandlers } from './handlers/live.ts';
import { masksHandlers } from './handlers/masks.ts';
import { queueHandlers } from './handlers/queue.ts';
import { reportsHandlers } from './handlers/reports.ts';
import { runsHandlers } from './handlers/runs.ts';
import { settingsHandlers } from './handlers/settings.ts';
import { storageHandlers } from './handlers/storage.ts';
import { tasksHandlers } from './handlers/tasks.ts';
import { updatesHandlers } from './handlers/updates.ts';
import { workbenchHandlers } from './handlers/workbench.ts';
import { RunQueue } from './queue.ts';
import { RunService } from './runs.ts';
import { openSettings } from './settings-file.ts';
import { TaskRunner } from './tasks.ts';
import { startChildProcess, type StartWorker } from './worker-process.ts';
import type { Workspace } from './workspace.ts';

export interface HostOptions {
  workspace: Workspace;
  shell: ShellServices;
  /** How processes that compute are started; default: as Node child processes. */
  startWorker?: StartWorker;
  /** What needs attention but does not stop the work, in sentences for the user. */
  onWarning(text: string): void;
  /** Errors that are ours; windows get their message only. */
  onDefect?(error: unknown): void;
}

/** The workbench without a window: whatever a shell shows comes from here. */
export interface Host {
  readonly dispatcher: Dispatcher;
  readonly events: EventBus;
  readonly store: RunStore;
  readonly queue: RunQueue;
  /** Lets every run write a checkpoint and end, then closes the store. */
  close(): Promise<void>;
}

/**
 * Opens a workspace and goes on with the runs that wait in it. Runs whose process went away become `lost`.
 * @throws UserError if the run database cannot be opened
 */
export function createHost(options: HostOptions): Host {
  const { workspace, shell, onWarning, onDefect = console.error, startWorker = startChildProcess } = options;
  const events = new EventBus();
  const warnings: string[] = [];
  const warn = (text: string) => {
    warnings.push(text);
    events.emit('notice', { level: 'warning', text });
    onWarning(text);
  };
  const store = RunStore.open(workspace.database, { onWarning: warn });
  for (const id of store.markOrphans()) {
    warn(`Run “${store.getRun(id).name}” was cut off; its last checkpoint is kept and it can be resumed.`);
  }
  const settings = openSettings(workspace);
  settings.warnings.forEach(warn);
  const tasks = new TaskRunner(events, startWorker);
  const runs: RunService = new RunService(store, workspace, {
    startWorker,
    chooseEngine: engineChooser({ tasks, workspace, isTraining: () => runs.training > 1 }),
  });
  const queue = new RunQueue({ store, runs, events, settings });
  const isTraining = () => runs.training > 0;
  const context: HostContext = {
    ...{ workspace, store, runs, queue, events, settings, tasks, isTraining, shell, warnings },
  };
  const dispatcher = createDispatcher(handlersOf(context), onDefect);
  settings.onChange((changed) => events.emit('settings.changed', changed));
  queue.open();
  let closing: Promise<void> | undefined;
  return {
    dispatcher,
    events,
    store,
    queue,
    close: () =>
      (closing ??= (async () => {
        tasks.close();
        await queue.close();
        store.close();
      })()),
  };
}

function handlersOf(context: HostContext): Handlers {
  return {
    ...workbenchHandlers(context),
    ...catalogHandlers(),
    ...enginesHandlers(context),
    ...formHandlers(context),
    ...runsHandlers(context),
    ...queueHandlers(context),
    ...curvesHandlers(context),
    ...liveHandlers(),
    ...masksHandlers(context),
    ...datasetsHandlers(context),
    ...tasksHandlers(context),
    ...exportsHandlers(context),
    ...archivesHandlers(context),
    ...reportsHandlers(context),
    ...inferenceHandlers(context),
    ...settingsHandlers(context),
    ...updatesHandlers(context),
    ...storageHandlers(context),
    ...filesHandlers(context),
  };
}
