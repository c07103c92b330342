import { bitAt, forEachOne, type BitMatrix } from './bits.ts';

/** One level of a pyramid: a number for every block of 2^level × 2^level entries. */
export interface Level {
  rows: number;
  columns: number;
  values: Uint8Array | Uint16Array | Uint32Array | Float32Array;
}

/** Levels 1, 2, …; level 0 is the mask itself. The last one has at most this many rows and columns. */
const coarsest = 32;

/** How many levels there are above the mask of this shape. */
export function levelCount(rows: number, columns: number): number {
  let levels = 0;
  for (let size = Math.max(rows, columns); size > coarsest; size = (size + 1) >> 1) levels++;
  return levels;
}

const half = (size: number) => (size + 1) >> 1;

/** Ones of every block: each level is the 2 × 2 sums of the one below, in the smallest integers that hold them. */
export function densityPyramid(matrix: BitMatrix, levels = levelCount(matrix.rows, matrix.columns)): Level[] {
  if (levels === 0) return [];
  const columns = half(matrix.columns);
  const first = new Uint8Array(half(matrix.rows) * columns);
  forEachOne(matrix, (row, column) => first[(row >> 1) * columns + (column >> 1)]++);
  const pyramid: Level[] = [{ rows: half(matrix.rows), columns, values: first }];
  while (pyramid.length < levels) {
    const below = pyramid[pyramid.length - 1];
    const level = pyramid.length + 1;
    const size = half(below.rows) * half(below.columns);
    const values =
      level <= 3 ? new Uint8Array(size) : level <= 7 ? new Uint16Array(size) : new Uint32Array(size);
    pyramid.push(coarser(below, values, (a, b) => a + b));
  }
  return pyramid;
}

/** Sums of a number per entry over the ones of a mask, or over all entries. */
export function sumPyramid(matrix: BitMatrix, value: (index: number) => number, onlyOnes: boolean): Level[] {
  return floatPyramid(matrix, value, onlyOnes, (a, b) => a + b);
}

/** The number of largest magnitude, with its sign, among the ones of every block. */
export function extremePyramid(matrix: BitMatrix, value: (index: number) => number): Level[] {
  return floatPyramid(matrix, value, true, (a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
}

function floatPyramid(
  matrix: BitMatrix,
  value: (index: number) => number,
  onlyOnes: boolean,
  join: (a: number, b: number) => number,
): Level[] {
  const levels = levelCount(matrix.rows, matrix.columns);
  if (levels === 0) return [];
  const columns = half(matrix.columns);
  const first = new Float32Array(half(matrix.rows) * columns);
  for (let r = 0, i = 0; r < matrix.rows; r++) {
    for (let c = 0; c < matrix.columns; c++, i++) {
      if (onlyOnes && bitAt(matrix.bits, i) === 0) continue;
      const at = (r >> 1) * columns + (c >> 1);
      first[at] = join(first[at], value(i));
    }
  }
  const pyramid: Level[] = [{ rows: half(matrix.rows), columns, values: first }];
  while (pyramid.length < levels) {
    const below = pyramid[pyramid.length - 1];
    pyramid.push(coarser(below, new Float32Array(half(below.rows) * half(below.columns)), join));
  }
  return pyramid;
}

function coarser(below: Level, values: Level['values'], join: (a: number, b: number) => number): Level {
  const columns = half(below.columns);
  for (let r = 0, i = 0; r < below.rows; r++) {
    const row = (r >> 1) * columns;
    for (let c = 0; c < below.columns; c++, i++) {
      const at = row + (c >> 1);
      values[at] = join(values[at], below.values[i]);
    }
  }
  return { rows: half(below.rows), columns, values };
}

/** Entries that the block at [row, column] of a level covers: fewer at the right and lower edge. */
export function blockArea(matrix: BitMatrix, level: number, row: number, column: number): number {
  const size = 2 ** level;
  const height = Math.min(size, matrix.rows - row * size);
  const width = Math.min(size, matrix.columns - column * size);
  return height * width;
}

/** A scale does not have to be exact to the last block. */
const sampledBlocks = 65_536;

/**
 * The density that a share `quantile` (0..1) of a level's blocks do not exceed: the top of a relative colour scale.
 * Of very many blocks some are taken, by a stride that is no divisor of the usual widths.
 */
export function densityQuantile(matrix: BitMatrix, level: number, blocks: Level, quantile: number): number {
  const bins = new Uint32Array(257);
  const stride =
    blocks.values.length > sampledBlocks ? Math.ceil(blocks.values.length / sampledBlocks) | 1 : 1;
  let sampled = 0;
  for (let i = 0; i < blocks.values.length; i += stride) {
    const row = Math.floor(i / blocks.columns);
    const area = blockArea(matrix, level, row, i - row * blocks.columns);
    bins[Math.ceil((256 * blocks.values[i]) / area)]++;
    sampled++;
  }
  let seen = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    seen += bins[bin];
    if (seen >= quantile * sampled) return Math.max(bin, 1) / 256;
  }
  return 1;
}
