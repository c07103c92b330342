import { emptyBits, type BitMatrix } from '../../../../renderer/masks/bits.ts';

/** A deterministic stream of numbers in 0..1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function randomMask(rows: number, columns: number, density: number, seed = 1): BitMatrix {
  const next = randomNumbers(seed);
  return fromEntries(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => (next() < density ? 1 : 0)),
  );
}

export function fromEntries(rows: number, columns: number, entries: ArrayLike<number>): BitMatrix {
  const mask = emptyBits(rows, columns);
  for (let i = 0; i < rows * columns; i++) if (entries[i]) mask.bits[i >> 3] |= 1 << (i & 7);
  return mask;
}

/** One number per entry, the slow and obvious form. */
export function entriesOf(mask: BitMatrix): number[] {
  return Array.from({ length: mask.rows * mask.columns }, (_, i) => (mask.bits[i >> 3] >> (i & 7)) & 1);
}

/** Shapes whose rows start in the middle of a byte, and the degenerate ones. */
export const oddShapes = [
  [1, 1],
  [1, 9],
  [7, 1],
  [3, 5],
  [13, 17],
  [33, 65],
  [70, 131],
  [64, 64],
] as const;

/** A palette in which every colour is its own name. */
export const testPalette = {
  dead: 1,
  kept: 2,
  born: 3,
  died: 4,
  density: Uint32Array.from({ length: 256 }, (_, i) => 1000 + i),
  signed: Uint32Array.from({ length: 256 }, (_, i) => 2000 + i),
  sequence: Uint32Array.from({ length: 256 }, (_, i) => 3000 + i),
};
