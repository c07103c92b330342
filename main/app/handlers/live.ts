import type { Handlers } from '../dispatch.ts';

export function liveHandlers(): Pick<Handlers, 'live.watch'> {
  return {
    'live.watch'({ ids }, { watched }) {
      watched.clear();
      for (const id of ids) watched.add(id);
    },
  };
}
