import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { MaskReader } from '../masks.ts';

export function masksHandlers({
  store,
  workspace,
}: HostContext): Pick<Handlers, 'masks.list' | 'masks.read' | 'masks.values' | 'masks.npz'> {
  const masks = new MaskReader(store, workspace);
  return {
    'masks.list': ({ id }) => masks.list(id),
    'masks.read': ({ id, layer, steps }) => steps.map((step) => masks.read(id, layer, step)),
    'masks.values': ({ id, layer }) => masks.values(id, layer),
    'masks.npz': ({ id, layer, step }) => masks.npz(id, layer, step),
  };
}
