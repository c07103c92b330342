import type { HostContext } from '../context.ts';
import { curvesCsv, readCurves } from '../curves.ts';
import type { Handlers } from '../dispatch.ts';

export function curvesHandlers({ store }: HostContext): Pick<Handlers, 'curves.read' | 'curves.csv'> {
  return {
    'curves.read': (input) => readCurves(store, input),
    'curves.csv': async ({ runId, keys }) => ({ text: await curvesCsv(store, runId, keys) }),
  };
}
