import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';

export function settingsHandlers({
  settings,
}: HostContext): Pick<Handlers, 'settings.get' | 'settings.change'> {
  return {
    'settings.get': () => settings.get(),
    'settings.change': (patch) => settings.change(patch),
  };
}
