import { inject, type InjectionKey, type Ref } from 'vue';
import type { CallName, EventName, Events, Input, Output } from '../../shared/contract.ts';

/** - refused: the host does not accept our token; - lost: it went away, we try again. */
export type HostStatus = 'connecting' | 'open' | 'lost' | 'refused';

/** The window's only way to the host, over Electron's bridge or a WebSocket. */
export interface HostClient {
  readonly status: Readonly<Ref<HostStatus>>;
  /** @throws UserError with the host's code, message and field; `disconnected` if the host went away meanwhile */
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** @returns a function that stops listening */
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
}

export const hostKey: InjectionKey<HostClient> = Symbol('host');

/** The host of this window; for components and stores. */
export function useHost(): HostClient {
  const host = inject(hostKey);
  if (!host) throw new Error('no host was provided');
  return host;
}
