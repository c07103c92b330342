import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { listEngines } from '../engines.ts';
import { measureEngine } from '../step-times.ts';

export function enginesHandlers(context: HostContext): Pick<Handlers, 'engines.list' | 'engines.measure'> {
  return {
    'engines.list': () => listEngines(context.tasks),
    'engines.measure': (engine) => measureEngine(context, engine),
  };
}
