import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { installEngine, listEngines, removeEngine } from '../engines.ts';
import { measureEngine } from '../step-times.ts';

type EngineCall = Extract<keyof Handlers, `engines.${string}`>;

export function enginesHandlers(context: HostContext): Pick<Handlers, EngineCall> {
  const { tasks } = context;
  return {
    'engines.list': () => listEngines(tasks),
    'engines.measure': ({ backend, threads, ...network }) =>
      measureEngine(context, backend, threads, network),
    'engines.install'({ id }) {
      const { taskId, done } = installEngine(tasks, id);
      // The task's events tell how it ended.
      done.catch(() => {});
      return { taskId };
    },
    'engines.remove': ({ id }) => removeEngine(tasks, id),
  };
}
