import { availableParallelism, hostname, totalmem } from 'node:os';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { listEngines } from '../engines.ts';
import { version } from '../provenance.ts';

export function workbenchHandlers(context: HostContext): Pick<Handlers, 'workbench.describe'> {
  const { workspace, tasks, shell, warnings } = context;
  // Asked for now, so that it is known when the first window asks.
  const engines = listEngines(tasks);
  return {
    async 'workbench.describe'() {
      const native = (await engines).find(({ id }) => id === 'native')!;
      const slow = `The native kernels cannot run here (${native.detail}). Runs use the slow reference engine.`;
      return {
        version,
        shell: shell.kind,
        host: hostname(),
        platform: `${process.platform}-${process.arch}`,
        cores: availableParallelism(),
        memoryBytes: totalmem(),
        workspace: workspace.root,
        warnings: native.available ? [...warnings] : [...warnings, slow],
      };
    },
  };
}
