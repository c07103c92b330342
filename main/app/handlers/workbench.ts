import { availableParallelism, hostname, totalmem } from 'node:os';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { version } from '../provenance.ts';

export function workbenchHandlers({
  workspace,
  tasks,
  shell,
  warnings,
}: HostContext): Pick<Handlers, 'workbench.describe'> {
  return {
    async 'workbench.describe'() {
      const engines = await tasks.known('listEngines', undefined);
      const native = engines.find(({ id }) => id === 'native');
      return {
        version,
        shell: shell.kind,
        host: hostname(),
        platform: `${process.platform}-${process.arch}`,
        cores: availableParallelism(),
        memoryBytes: totalmem(),
        workspace: workspace.root,
        warnings: [
          ...warnings,
          ...(native?.available
            ? []
            : [
                `The native kernels cannot run here (${native?.detail}). Runs use the slow reference engine.`,
              ]),
        ],
      };
    },
  };
}
