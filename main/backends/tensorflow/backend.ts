import type { Backend, CompileOptions } from '../backend.ts';
import { TensorNetwork } from './network.ts';
import type { Ops } from './ops.ts';

/** What turns a tensor engine into a backend. */
export interface TensorEngine<T> {
  id: string;
  title: string;
  /** What computes, and the hardware path in use; asked for before or after `open`. */
  describe(): string;
  /** The engine's operations. Called for every network, so an engine that is shared opens once and remembers it. */
  open(options: CompileOptions): Promise<Ops<T>>;
}

/** A backend whose networks are written in the operations of a tensor engine. */
export function tensorBackend<T>({ id, title, describe, open }: TensorEngine<T>): Backend {
  return {
    id,
    title,
    describe,
    compile: async (graph, options) => new TensorNetwork(await open(options), graph, options),
  };
}
