import { UserError } from '../../../shared/errors.ts';
import type { Network } from '../backend.ts';
import type { LoadedEngine } from '../engine.ts';
import {
  networkCalls,
  type NetworkState,
  type RemoteDescription,
  type Reply,
  type Request,
} from './messages.ts';
import type { Port } from './port.ts';

/** An engine that may lose its device while it computes. */
export interface LosableEngine extends LoadedEngine {
  /** Settles with the reason if that happens. */
  lost: Promise<string>;
}

/** Computes for whoever is at the other end of a port, until it is closed. @param load is called when first asked */
export function serve(port: Port, load: () => Promise<LosableEngine>): void {
  const networks = new Map<number, Network>();
  let engine: Promise<LosableEngine> | undefined;
  const open = () =>
    (engine ??= load().then((loaded) => {
      void loaded.lost.then((reason) => port.send({ type: 'lost', reason } satisfies Reply));
      return loaded;
    }));

  async function answer(request: Request): Promise<{ value?: unknown; state?: NetworkState }> {
    if (request.type === 'open') return { value: describe(await open()) };
    if (request.type === 'compile') {
      const { backend } = await open();
      const network = await backend.compile(request.graph, request.options);
      networks.set(request.network, network);
      return { state: stateOf(network) };
    }
    const network = networks.get(request.network);
    if (!network) throw new Error(`there is no network ${request.network}`);
    if (request.type === 'dispose') {
      networks.delete(request.network);
      network.dispose();
      return {};
    }
    const { call, args } = request;
    if (!networkCalls.includes(call)) throw new Error(`${call} is not a call of a network`);
    const value = await (network[call] as (...args: unknown[]) => Promise<unknown>)(...args);
    return { value, state: stateOf(network) };
  }

  port.onMessage((request: Request) => {
    const { id } = request;
    answer(request).then(
      ({ value, state }) => port.send({ type: 'done', id, value, state } satisfies Reply),
      (error: Error) => port.send({ type: 'failed', id, error: asData(error) } satisfies Reply),
    );
  });
  port.onClose(() => {
    for (const network of networks.values()) network.dispose();
    networks.clear();
  });
}

function describe({ backend, threads, device, versions }: LoadedEngine): RemoteDescription {
  const { id, title } = backend;
  return { id, title, description: backend.describe(), threads, device, versions };
}

function stateOf(network: Network): NetworkState {
  return {
    activeCounts: network.parameters.map(({ name }) => network.activeCount(name)),
    usedSlots: network.usedSlots(),
    execution: network.execution(),
    memoryBytes: network.memoryBytes(),
  };
}

const asData = (error: Error) =>
  error instanceof UserError
    ? { code: error.code, message: error.message, field: error.field }
    : { code: undefined, message: error.stack ?? String(error) };
