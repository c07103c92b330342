import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { cleanUp, measureStorage } from '../storage.ts';

export function storageHandlers(context: HostContext): Pick<Handlers, 'storage.usage' | 'storage.cleanUp'> {
  return {
    'storage.usage': () => measureStorage(context),
    'storage.cleanUp': ({ kinds, dryRun }) => cleanUp(context, kinds, { dryRun }),
  };
}
