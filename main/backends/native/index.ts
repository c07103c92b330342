import type { Backend } from '../backend.ts';
import { loadAddon, type Addon } from './addon.ts';
import { NativeNetwork } from './network.ts';

export type LoadedNative =
  | { ok: true; backend: Backend; /** The instruction set that the kernels use here. */ isa: string }
  | { ok: false; reason: string };

let loaded: LoadedNative | undefined;

/** The CPU backend with sparse kernels, or the reason why it cannot run here. Looked for once per process. */
export function loadNative(): LoadedNative {
  loaded ??= load();
  return loaded;
}

function load(): LoadedNative {
  try {
    const addon = loadAddon();
    return { ok: true, backend: nativeBackend(addon), isa: addon.isa };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

function nativeBackend(addon: Addon): Backend {
  return {
    id: 'native',
    title: 'Native',
    describe: () => `native sparse kernels (${addon.isa})`,
    compile: async (graph, options) => new NativeNetwork(addon, graph, options),
  };
}
