import { UserError } from '../../../shared/errors.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

const reason = 'This page is as new as the Filigree that serves it.';

export function updatesHandlers({
  shell: { updates },
}: Pick<HostContext, 'shell'>): Pick<Handlers, 'updates.get' | 'updates.check' | 'updates.download'> {
  const service = () => {
    if (!updates) throw new UserError('unavailable', reason);
    return updates;
  };
  return {
    'updates.get': () => updates?.get() ?? { state: 'unsupported', reason },
    'updates.check': () => service().check(),
    'updates.download': () => service().download(),
  };
}
