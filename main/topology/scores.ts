import type { Random } from '../../shared/random.ts';

/** |x|: the magnitude of weights (what to keep) or of gradients (what to grow). */
export function magnitude(values: Float32Array): Float32Array {
  return values.map(Math.abs);
}

/** Uniform scores: selecting by them prunes at random, the baseline of every criterion. */
export function randomScores(size: number, random: Random): Float32Array {
  return new Float32Array(size).map(() => random.uniform());
}
