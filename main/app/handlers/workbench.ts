import { availableParallelism, hostname, totalmem } from 'node:os';
import type { EngineInfo } from '../../../shared/engine-info.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { listEngines } from '../engines.ts';
import { version } from '../provenance.ts';

export function workbenchHandlers(context: HostContext): Pick<Handlers, 'workbench.describe'> {
  const { workspace, tasks, events, shell, warnings } = context;
  const found: string[] = [];
  // No window waits for this: it is usually known before the first one asks, and told to those that were earlier.
  const tell = (engines: EngineInfo[]) => {
    const { available, detail } = engines.find(({ id }) => id === 'native')!;
    if (available) return;
    const text = `The native kernels cannot run here (${detail}). Runs use the slow reference engine.`;
    found.push(text);
    events.emit('notice', { level: 'warning', text });
  };
  listEngines(tasks).then(tell, () => {});
  return {
    'workbench.describe'() {
      return {
        version,
        shell: shell.kind,
        host: hostname(),
        platform: `${process.platform}-${process.arch}`,
        cores: availableParallelism(),
        memoryBytes: totalmem(),
        workspace: workspace.root,
        warnings: [...warnings, ...found],
      };
    },
  };
}
