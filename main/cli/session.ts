import { UserError } from '../../shared/errors.ts';
import { engineChooser } from '../app/engine-choice.ts';
import { EventBus } from '../app/events.ts';
import { RunService } from '../app/runs.ts';
import { TaskRunner } from '../app/tasks.ts';
import { openWorkspace, type Workspace } from '../app/workspace.ts';
import { RunStore } from '../store/run-store.ts';
import { note } from './output.ts';

export interface Session {
  workspace: Workspace;
  store: RunStore;
  runs: RunService;
  /** Helper processes, for what must not happen in this one. */
  tasks: TaskRunner;
  /** The id of the one run that starts or ends with this text; `last` is the newest. */
  find(text: string): string;
  close(): void;
}

/** Opens the workspace; runs whose process died meanwhile are marked lost, and said so. */
export function openSession(folder?: string): Session {
  const workspace = openWorkspace(folder);
  const store = RunStore.open(workspace.database, { onWarning: note });
  for (const id of store.markOrphans()) {
    note(`run ${id} was cut off; its last checkpoint is kept: filigree resume ${id}`);
  }
  const tasks = new TaskRunner(new EventBus());
  // The command trains one run at a time, so nothing of its own disturbs a measurement.
  const chooseEngine = engineChooser({ tasks, workspace, isTraining: () => false });
  return {
    workspace,
    store,
    tasks,
    runs: new RunService(store, workspace, { chooseEngine }),
    find(text) {
      const ids = store.listRuns({}).map((run) => run.id);
      if (text === 'last' && ids.length > 0) return ids[0];
      const wanted = text.toUpperCase();
      const matches = ids.filter(
        (id) => id.toUpperCase().startsWith(wanted) || id.toUpperCase().endsWith(wanted),
      );
      if (matches.length === 1) return matches[0];
      const problem = matches.length === 0 ? 'no run' : `${matches.length} runs`;
      throw new UserError(
        'unknown-run',
        `${problem} in ${workspace.root} match "${text}"; filigree runs lists them`,
      );
    },
    close() {
      tasks.close();
      store.close();
    },
  };
}
