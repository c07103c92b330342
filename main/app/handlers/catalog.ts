import { describeCatalog } from '../catalog.ts';
import type { Handlers } from '../dispatch.ts';

export function catalogHandlers(): Pick<Handlers, 'catalog.describe'> {
  return { 'catalog.describe': describeCatalog };
}
