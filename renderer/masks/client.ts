import type { EngineCalls, SupplyCalls } from './protocol.ts';
import { Rpc } from './rpc.ts';
import type { MaskSource } from './source.ts';

/** An engine in a worker of its own. */
export interface EngineWorker {
  call<N extends keyof EngineCalls>(
    name: N,
    input: EngineCalls[N]['input'],
  ): Promise<EngineCalls[N]['output']>;
  dispose(): void;
}

export function startEngine(source: MaskSource): EngineWorker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'masks' });
  const rpc = new Rpc<EngineCalls, SupplyCalls>(worker, {
    mask: (ref) => source.mask(ref),
    values: async ({ run, layer }) => (await source.values(run, layer)).values,
  });
  worker.onerror = () => rpc.fail('the mask worker stopped');
  return {
    call: (name, input) => rpc.call(name, input),
    dispose() {
      worker.terminate();
      rpc.fail('the view was closed');
    },
  };
}
