import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

export function queueHandlers({
  queue,
}: HostContext): Pick<Handlers, 'queue.get' | 'queue.reorder' | 'queue.remove'> {
  return {
    'queue.get': () => queue.get(),
    'queue.reorder': ({ ids }) => queue.reorder(ids),
    'queue.remove': ({ id }) => queue.remove(id),
  };
}
