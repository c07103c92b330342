import { UserError } from '../../../shared/errors.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { keepInference, readInference } from '../inference-result.ts';

export function inferenceHandlers({
  store,
  workspace,
  tasks,
  isTraining,
}: HostContext): Pick<Handlers, 'inference.read' | 'inference.measure'> {
  return {
    'inference.read': async ({ id }) => ({ report: await readInference(store, id) }),
    async 'inference.measure'({ id }) {
      const { name, state, config, configHash } = store.getRun(id);
      if (isTraining()) {
        throw new UserError(
          'busy',
          'a run trains now, beside which nothing can be measured; wait or pause it',
        );
      }
      const request = { run: { id, state, config, configHash }, folder: workspace.runFolder(id) };
      const { done } = tasks.track({ kind: 'measure', title: `Measuring inference of ${name}` }, (options) =>
        tasks.run('measureRunInference', request, options),
      );
      const report = await done;
      await keepInference(store, id, report);
      return { report };
    },
  };
}
