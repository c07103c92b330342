import type { EngineDevice } from '../../../shared/engine-info.ts';
import type { Graph } from '../../models/graph.ts';
import type { CompileOptions, LayerExecution, Network, Slot } from '../backend.ts';

/** The calls of a network that compute; what the others answer travels with every reply. */
export const networkCalls = [
  'trainStep',
  'evaluate',
  'logits',
  'applyUpdate',
  'gradientNorm',
  'read',
  'write',
  'readMask',
  'writeMask',
  'reselect',
] as const satisfies readonly (keyof Network)[];

export type NetworkCall = (typeof networkCalls)[number];

/** What the side that trains asks for; `id` comes back with the reply. */
export type Request = { id: number } & (
  | { type: 'open' }
  | { type: 'compile'; network: number; graph: Graph; options: CompileOptions }
  | { type: 'call'; network: number; call: NetworkCall; args: unknown[] }
  | { type: 'dispose'; network: number }
);

/** What the side that computes says. After `lost` nothing else comes. */
export type Reply =
  | { type: 'done'; id: number; value: unknown; state?: NetworkState }
  | { type: 'failed'; id: number; error: { code: string | undefined; message: string; field?: string } }
  | { type: 'lost'; reason: string };

/** The answer to `open`. */
export interface RemoteDescription {
  id: string;
  title: string;
  description: string;
  threads: number;
  device: EngineDevice;
  versions: Readonly<Record<string, string>>;
}

/** What the calls of a network that do not compute answer, until its next reply. */
export interface NetworkState {
  /** By parameter. */
  activeCounts: readonly number[];
  usedSlots: readonly Slot[];
  execution: readonly LayerExecution[];
  memoryBytes: number;
}
