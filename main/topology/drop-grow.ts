import { magnitude } from './scores.ts';
import { countOnes, topK } from './select.ts';

/**
 * The step that dynamic sparse training has in common: keep the n_active − k largest |w|, then grow k entries
 * chosen among all that were not kept, so that just-dropped ones may return. The number of active entries stays.
 * @param weights values of the same layer
 * @param k entries to drop, 0 ≤ k ≤ active entries
 * @param grow marks k of the candidates: by |g| for RigL (arXiv 1911.11134, Section 3), at random for SET
 * @returns the new mask
 */
export function dropAndGrow(
  mask: Uint8Array,
  weights: Float32Array,
  k: number,
  grow: (candidates: Uint8Array, k: number) => Uint8Array,
): Uint8Array {
  const kept = topK(magnitude(weights), countOnes(mask) - k, mask);
  const grown = grow(
    kept.map((is) => 1 - is),
    k,
  );
  return kept.map((is, i) => is | grown[i]);
}

export type DropDecay = 'cosine' | 'constant';

/** Share of active entries to replace at step t: constant α, or α/2 (1 + cos(πt/T_end)) (RigL, Section 3). */
export function dropFractionAt(alpha: number, decay: DropDecay, step: number, endStep: number): number {
  return decay === 'constant' ? alpha : (alpha / 2) * (1 + Math.cos((Math.PI * step) / endStep));
}
