import type { UserError } from '../../../shared/errors.ts';
import { refuseExisting } from '../../exporters/export-model.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { measureDenseHere } from '../dense-measurement.ts';
import { exportName, exportPath } from '../export-path.ts';
import { honestNumbers } from '../honest-numbers.ts';
import { runFile } from '../run-file.ts';

export function reportsHandlers(context: HostContext): Pick<Handlers, 'reports.create'> {
  const { store, workspace, tasks, shell } = context;
  return {
    async 'reports.create'({ runId, path: wanted, overwrite }) {
      const { name, id } = store.getRun(runId);
      const path = await exportPath(workspace, wanted ?? exportName(name, id, '.html'));
      if (!overwrite) refuseExisting(path);
      const { done } = tasks.track(
        { kind: 'export', title: `Writing the report of ${name}` },
        async (options) => {
          const honest = await honestNumbers(store, id, measureDenseHere(context)).catch(
            (error: UserError) => {
              if (error.code === 'not-started') return undefined;
              throw error;
            },
          );
          return tasks.run('writeReport', { workspace: workspace.root, id, path, honest }, options);
        },
      );
      await done;
      return runFile(path, shell);
    },
  };
}
