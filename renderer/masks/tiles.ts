import { bitAt, type BitMatrix } from './bits.ts';
import { mix, type Palette, type Rgba } from './color.ts';
import { blockArea, type Level } from './pyramid.ts';

/** A tile has this many pixels on a side; one pixel is a block of 2^level × 2^level entries. */
export const tileSize = 256;

/** Which part of a matrix: tile [row, column] of a level. */
export interface TileAddress {
  level: number;
  row: number;
  column: number;
}

/** Pixels of a tile; smaller than `tileSize` at the right and lower edge. */
export interface TileImage {
  width: number;
  height: number;
  pixels: Uint32Array<ArrayBuffer>;
}

/** A mask with its densities at every level. */
export interface Layered {
  matrix: BitMatrix;
  pyramid: Level[];
}

/** Runs over the pixels of a tile: `paint(row, column)` gets the position in the level. */
function fill(
  matrix: BitMatrix,
  at: TileAddress,
  paint: (row: number, column: number, index: number) => Rgba,
): TileImage {
  const scale = 2 ** at.level;
  const rows = Math.ceil(matrix.rows / scale);
  const columns = Math.ceil(matrix.columns / scale);
  const top = at.row * tileSize;
  const left = at.column * tileSize;
  const height = Math.max(0, Math.min(tileSize, rows - top));
  const width = Math.max(0, Math.min(tileSize, columns - left));
  const pixels = new Uint32Array(width * height);
  for (let y = 0, pixel = 0; y < height; y++) {
    const row = top + y;
    let index = row * columns + left;
    for (let x = 0; x < width; x++, pixel++, index++) pixels[pixel] = paint(row, left + x, index);
  }
  return { width, height, pixels };
}

const shade = (share: number) => (share >= 1 ? 255 : share <= 0 ? 0 : Math.round(share * 255));

/** A palette index for blocks of a level whose weights sum up to `values`; a lone one is never invisible. */
const atLeastVisible = (share: number) => Math.max(20, shade(share));

/**
 * Presence: at level 0 dead or alive, above it the density of every block.
 * @param full the density that gets the strongest colour
 */
export function densityTile(source: Layered, at: TileAddress, palette: Palette, full: number): TileImage {
  const { matrix, pyramid } = source;
  if (at.level === 0) {
    const colors = [palette.dead, palette.density[255]];
    return fill(matrix, at, (_row, _column, index) => colors[bitAt(matrix.bits, index)]);
  }
  const { values } = pyramid[at.level - 1];
  return fill(matrix, at, (row, column, index) => {
    const ones = values[index];
    if (ones === 0) return palette.dead;
    return palette.density[atLeastVisible(ones / blockArea(matrix, at.level, row, column) / full)];
  });
}

/** How much more a changed entry weighs than a kept one in the colour of a block, so that few changes are seen. */
const changeWeight = 3;

/** Kept, born and died in their colours; above level 0 mixed by their shares of every block. */
export function differenceTile(
  parts: Record<'kept' | 'born' | 'died', Layered>,
  at: TileAddress,
  palette: Palette,
  full: number,
): TileImage {
  const { kept, born, died } = parts;
  const { matrix } = kept;
  if (at.level === 0) {
    return fill(matrix, at, (_row, _column, i) => {
      if (bitAt(born.matrix.bits, i)) return palette.born;
      if (bitAt(died.matrix.bits, i)) return palette.died;
      return bitAt(matrix.bits, i) ? palette.kept : palette.dead;
    });
  }
  const [k, b, d] = [kept, born, died].map(({ pyramid }) => pyramid[at.level - 1].values);
  return fill(matrix, at, (row, column, i) => {
    const ones = k[i] + b[i] + d[i];
    if (ones === 0) return palette.dead;
    const changed = changeWeight * (b[i] + d[i]);
    const change = mix(palette.died, palette.born, b[i] / (b[i] + d[i] || 1));
    const hue = mix(palette.kept, change, changed / (changed + k[i]));
    const strength = ones / blockArea(matrix, at.level, row, column) / full;
    return mix(palette.dead, hue, atLeastVisible(strength) / 255);
  });
}

/**
 * Signed weights: at level 0 each one's own, above it the largest of every block.
 * @param full the magnitude that gets the strongest colour
 */
export function valueTile(
  matrix: BitMatrix,
  value: (index: number) => number,
  extremes: Level[],
  at: TileAddress,
  palette: Palette,
  full: number,
): TileImage {
  const color = (weight: number) => palette.signed[shade(0.5 + weight / full / 2)];
  if (at.level === 0) {
    return fill(matrix, at, (_row, _column, i) => (bitAt(matrix.bits, i) ? color(value(i)) : palette.dead));
  }
  const { values } = extremes[at.level - 1];
  return fill(matrix, at, (_row, _column, i) => (values[i] === 0 ? palette.dead : color(values[i])));
}

/**
 * A number of every one (its age): at level 0 its own, above it the mean over the ones of every block.
 * @param full the number that gets the last colour
 */
export function meanTile(
  source: Layered,
  number: (index: number) => number,
  sums: Level[],
  at: TileAddress,
  palette: Palette,
  full: number,
): TileImage {
  const color = (n: number) => palette.sequence[shade(n / full)];
  const { matrix, pyramid } = source;
  if (at.level === 0) {
    return fill(matrix, at, (_row, _column, i) => (bitAt(matrix.bits, i) ? color(number(i)) : palette.dead));
  }
  const ones = pyramid[at.level - 1].values;
  const total = sums[at.level - 1].values;
  return fill(matrix, at, (_row, _column, i) => (ones[i] === 0 ? palette.dead : color(total[i] / ones[i])));
}

/** A count of every entry, dead ones included (how often it flipped); above level 0 the mean of every block. */
export function countTile(
  matrix: BitMatrix,
  count: (index: number) => number,
  sums: Level[],
  at: TileAddress,
  palette: Palette,
  full: number,
): TileImage {
  const color = (n: number) => (n === 0 ? palette.dead : palette.sequence[shade(n / full)]);
  if (at.level === 0) return fill(matrix, at, (_row, _column, i) => color(count(i)));
  const total = sums[at.level - 1].values;
  return fill(matrix, at, (row, column, i) => color(total[i] / blockArea(matrix, at.level, row, column)));
}
