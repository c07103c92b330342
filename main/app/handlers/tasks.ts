import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

export function tasksHandlers({
  tasks,
  queue,
}: HostContext): Pick<Handlers, Extract<keyof Handlers, `tasks.${string}`>> {
  return {
    'tasks.list': () => ({ tasks: tasks.list(), starting: queue.starting }),
    'tasks.cancel': ({ id }) => tasks.cancel(id),
  };
}
