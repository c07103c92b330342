import type { TopologyFrame } from '../../shared/frames.ts';
import type { Network } from '../backends/backend.ts';
import { encodeMask, keyFrameInterval } from '../topology/snapshot.ts';

/** Snapshots of every mask that a run keeps, first and last included. */
const snapshotsPerRun = 48;

/**
 * Decides when masks are recorded and encodes them: a key frame every few snapshots, differences in between.
 * A recorder that starts anew after a resume begins with a key frame, so it needs no state in the checkpoint.
 */
export class SnapshotRecorder {
  readonly #network: Network;
  readonly #last = new Map<string, { step: number; mask: Uint8Array; sinceKey: number }>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** Is one due after this many steps? By step number alone, so that a resumed run records the same moments. */
  due(step: number, totalSteps: number): boolean {
    const every = Math.max(1, Math.ceil(totalSteps / snapshotsPerRun));
    return step % every === 0 || step === totalSteps;
  }

  /** The masks that changed since the last snapshot; undefined if none did. */
  async take(step: number): Promise<TopologyFrame | undefined> {
    const layers: TopologyFrame['layers'] = [];
    for (const parameter of this.#network.parameters.filter((p) => p.sparse)) {
      const mask = await this.#network.readMask(parameter.name);
      const last = this.#last.get(parameter.name);
      if (last && Buffer.compare(last.mask, mask) === 0) continue;
      const base = last && last.sinceKey + 1 < keyFrameInterval ? last : undefined;
      this.#last.set(parameter.name, { step, mask, sinceKey: base ? base.sinceKey + 1 : 0 });
      const rows = parameter.shape[0];
      layers.push({
        name: parameter.name,
        rows,
        columns: parameter.size / rows,
        nnz: this.#network.activeCount(parameter.name),
        ...encodeMask(mask, base?.mask),
        ...(base && { baseStep: base.step }),
      });
    }
    return layers.length > 0 ? { type: 'topology', step, layers } : undefined;
  }
}
