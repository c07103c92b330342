/**
 * Whether dropout keeps an activation: the one rule by which the same seed gives the same masks on every backend.
 * @param rate probability of dropping
 * @param seed of the pass
 * @param layer index of the node in the graph
 * @param feature flat index in CHW order
 * @param sample index in the batch
 */
export function dropoutKeeps(
  rate: number,
  seed: number,
  layer: number,
  feature: number,
  sample: number,
): boolean {
  return dropoutHash(seed, layer, feature, sample) >= Math.floor(rate * 2 ** 32);
}

/** A counter-based hash: 32 random bits for one activation, independent of the order of evaluation. */
export function dropoutHash(seed: number, layer: number, feature: number, sample: number): number {
  let h = seed | 0;
  for (const v of [layer, feature, sample]) {
    h = Math.imul(h ^ v, 0x9e3779b1);
    h ^= h >>> 15;
    h = Math.imul(h, 0x85ebca77);
    h ^= h >>> 13;
  }
  return h >>> 0;
}
