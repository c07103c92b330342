import type { StoredSnapshot } from '../store/run-store.ts';
import { decodeMask, type EncodedMask } from '../topology/snapshot.ts';

/** Decoded masks are kept up to this size, so that a player that runs through a layer's history decodes each once. */
const cachedBytes = 64 * 1024 * 1024;

interface Decoded {
  data: Uint8Array;
  /** What this one is a difference to. */
  base: Decoded | undefined;
  mask: Uint8Array;
}

/** Decodes chains of snapshots and remembers the masks on the way, the least recently used ones are forgotten first. */
export class MaskDecoder {
  readonly #cache = new Map<string, Decoded>();
  #bytes = 0;

  /**
   * @param layer identifies run and layer
   * @param chain a key frame and the differences up to the wanted snapshot
   * @returns the mask, one entry per byte; not to be changed
   */
  decode(layer: string, chain: readonly StoredSnapshot[]): Uint8Array {
    let base: Decoded | undefined;
    for (const snapshot of chain) base = this.#next(`${layer}@${snapshot.step}`, snapshot, base);
    return base!.mask;
  }

  #next(key: string, snapshot: StoredSnapshot, base: Decoded | undefined): Decoded {
    const known = this.#cache.get(key);
    // A run that is resumed may record other masks at the same steps: what is kept holds only for equal bytes.
    if (known && known.base === base && Buffer.compare(known.data, snapshot.data) === 0) {
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known;
    }
    const size = snapshot.rows * snapshot.columns;
    const mask = decodeMask(snapshot as EncodedMask, size, base?.mask);
    const decoded = { data: snapshot.data, base, mask };
    this.#keep(key, decoded);
    return decoded;
  }

  #keep(key: string, decoded: Decoded): void {
    const replaced = this.#cache.get(key);
    if (replaced) this.#bytes -= replaced.mask.byteLength;
    this.#cache.delete(key);
    this.#cache.set(key, decoded);
    this.#bytes += decoded.mask.byteLength;
    for (const [oldest, { mask }] of this.#cache) {
      if (this.#bytes <= cachedBytes || oldest === key) break;
      this.#cache.delete(oldest);
      this.#bytes -= mask.byteLength;
    }
  }
}
