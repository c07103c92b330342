import type { MaskCatalog, PackedMask } from '../../shared/masks.ts';
import type { HostClient } from '../host/client.ts';
import { LruCache, remember } from './lru.ts';
import { maskKey, type MaskRef } from './scene.ts';

const megabyte = 2 ** 20;
/** Snapshots asked for in one call: enough to save round trips, few enough to be answered soon. */
const batchSize = 16;

interface Wanted {
  ref: MaskRef;
  resolve(mask: PackedMask): void;
  reject(reason: unknown): void;
}

/** Masks and weights of runs as this window has them; what is missing is fetched, several snapshots per call. */
export class MaskSource {
  readonly #host: Pick<HostClient, 'call'>;
  readonly #masks = new LruCache<Promise<PackedMask>>(256 * megabyte);
  /** Masks that are here already, for reading out without waiting. */
  readonly #arrived = new WeakMap<Promise<PackedMask>, PackedMask>();
  readonly #values = new LruCache<Promise<{ step: number; values: Float32Array }>>(128 * megabyte);
  #wanted: Wanted[] = [];

  constructor(host: Pick<HostClient, 'call'>) {
    this.#host = host;
  }

  list(run: string): Promise<MaskCatalog> {
    return this.#host.call('masks.list', { id: run });
  }

  mask(ref: MaskRef): Promise<PackedMask> {
    const fetched = remember(
      this.#masks,
      maskKey(ref),
      () => this.#want(ref),
      (mask) => mask.bits.byteLength,
    );
    void fetched.then(
      (mask) => this.#arrived.set(fetched, mask),
      () => undefined,
    );
    return fetched;
  }

  /** The mask if it is here. */
  peek(ref: MaskRef): PackedMask | undefined {
    const fetched = this.#masks.get(maskKey(ref));
    return fetched && this.#arrived.get(fetched);
  }

  /** Weights of the newest checkpoint and its step. */
  values(run: string, layer: string): Promise<{ step: number; values: Float32Array }> {
    return remember(
      this.#values,
      `${run}/${layer}`,
      () => this.#host.call('masks.values', { id: run, layer }),
      ({ values }) => values.byteLength,
    );
  }

  /** There is a newer checkpoint. */
  forgetValues(run: string): void {
    this.#values.deleteWhere((key) => key.startsWith(run));
  }

  /** The run's history was cut back. */
  forget(run: string): void {
    this.#masks.deleteWhere((key) => key.startsWith(run));
    this.forgetValues(run);
  }

  #want(ref: MaskRef): Promise<PackedMask> {
    return new Promise((resolve, reject) => {
      if (this.#wanted.length === 0) setTimeout(() => this.#fetch());
      this.#wanted.push({ ref, resolve, reject });
    });
  }

  /** Asks for everything that was wanted since the last time, layer by layer. */
  #fetch(): void {
    const layers = Map.groupBy(this.#wanted, ({ ref }) => JSON.stringify([ref.run, ref.layer]));
    this.#wanted = [];
    for (const wanted of layers.values()) {
      for (let i = 0; i < wanted.length; i += batchSize)
        void this.#fetchBatch(wanted.slice(i, i + batchSize));
    }
  }

  async #fetchBatch(batch: Wanted[]): Promise<void> {
    const { run, layer } = batch[0].ref;
    try {
      const steps = batch.map(({ ref }) => ref.step);
      const masks = await this.#host.call('masks.read', { id: run, layer, steps });
      batch.forEach(({ resolve }, i) => resolve(masks[i]));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
