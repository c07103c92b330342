import type { Arrangement } from './arrangement.ts';
import { bitAt, splitDifference, type BitMatrix } from './bits.ts';
import type { Palette } from './color.ts';
import { densityPyramid, densityQuantile, extremePyramid, sumPyramid, type Level } from './pyramid.ts';
import {
  countTile,
  densityTile,
  differenceTile,
  meanTile,
  valueTile,
  type Layered,
  type TileAddress,
  type TileImage,
} from './tiles.ts';

export interface PictureTile extends TileImage {
  /** What the strongest colour stands for: a density, a magnitude, a step or a count. */
  full: number;
  /** Time it took to paint, milliseconds. */
  ms: number;
}

/** A mask prepared for painting any of its tiles. */
export interface Picture {
  /** Memory it holds. */
  bytes: number;
  tile(at: TileAddress, palette: Palette): TileImage & { full: number };
}

/** Blocks beyond this quantile of densities get the strongest colour as well. */
const strongest = 0.995;

const bytesOf = (...levels: Level[][]) =>
  levels.flat().reduce((sum, level) => sum + level.values.byteLength, 0);

const layered = (matrix: BitMatrix): Layered => ({ matrix, pyramid: densityPyramid(matrix) });

const bytesOfLayered = ({ matrix, pyramid }: Layered) => matrix.bits.byteLength + bytesOf(pyramid);

/** A number per level, computed when it is first asked for. */
function perLevel(compute: (level: number) => number): (level: number) => number {
  const known: number[] = [];
  return (level) => (known[level] ??= compute(level));
}

const fullDensity = ({ matrix, pyramid }: Layered) =>
  perLevel((level) => (level === 0 ? 1 : densityQuantile(matrix, level, pyramid[level - 1], strongest)));

export function maskPicture(mask: BitMatrix): Picture {
  const source = layered(mask);
  const full = fullDensity(source);
  return {
    bytes: bytesOfLayered(source),
    tile: (at, palette) => ({
      ...densityTile(source, at, palette, full(at.level)),
      full: full(at.level),
    }),
  };
}

/** The difference from `mask` to `other`. */
export function differencePicture(mask: BitMatrix, other: BitMatrix): Picture {
  const split = splitDifference(mask, other);
  const parts = { kept: layered(split.kept), born: layered(split.born), died: layered(split.died) };
  const either = { ...mask, bits: mask.bits.map((byte, i) => byte | other.bits[i]) };
  const full = fullDensity(layered(either));
  return {
    bytes: Object.values(parts).reduce((sum, part) => sum + bytesOfLayered(part), 0),
    tile: (at, palette) => ({
      ...differenceTile(parts, at, palette, full(at.level)),
      full: full(at.level),
    }),
  };
}

/** @param values weights as stored, row-major */
export function weightsPicture(mask: BitMatrix, arranged: Arrangement, values: Float32Array): Picture {
  const value = readerOf(arranged, values);
  const extremes = extremePyramid(mask, value);
  const full = typicalMagnitude(mask, value);
  return {
    bytes: mask.bits.byteLength + values.byteLength + bytesOf(extremes),
    tile: (at, palette) => ({ ...valueTile(mask, value, extremes, at, palette, full), full }),
  };
}

/** @param since for every entry as stored the step since which it is as it is */
export function agePicture(
  mask: BitMatrix,
  arranged: Arrangement,
  since: Float32Array,
  now: number,
): Picture {
  const source = layered(mask);
  const step = readerOf(arranged, since);
  const sums = sumPyramid(mask, step, true);
  const full = Math.max(1, now);
  return {
    bytes: bytesOfLayered(source) + since.byteLength + bytesOf(sums),
    tile: (at, palette) => ({ ...meanTile(source, step, sums, at, palette, full), full }),
  };
}

/** @param flips for every entry as stored how often it flipped */
export function flipsPicture(mask: BitMatrix, arranged: Arrangement, flips: Uint8Array): Picture {
  const count = readerOf(arranged, flips);
  const sums = sumPyramid(mask, count, false);
  const full = flips.reduce((a, b) => Math.max(a, b), 1);
  return {
    bytes: mask.bits.byteLength + flips.byteLength + bytesOf(sums),
    tile: (at, palette) => ({ ...countTile(mask, count, sums, at, palette, full), full }),
  };
}

/** Reads a number per stored entry at a position of the arranged matrix; 0 where nothing is shown. */
function readerOf(arranged: Arrangement, numbers: Float32Array | Uint8Array): (position: number) => number {
  if (arranged.kind === 'matrix') return (position) => numbers[position];
  const { columns } = arranged;
  return (position) => {
    const row = Math.floor(position / columns);
    const index = arranged.indexAt(row, position - row * columns);
    return index < 0 ? 0 : numbers[index];
  };
}

/** The magnitude that 98 % of up to some ten thousand sampled weights do not exceed. */
function typicalMagnitude(mask: BitMatrix, value: (position: number) => number): number {
  const entries = mask.rows * mask.columns;
  const stride = Math.max(1, Math.floor(entries / 100_000));
  const sizes: number[] = [];
  for (let i = 0; i < entries; i += stride) if (bitAt(mask.bits, i)) sizes.push(Math.abs(value(i)));
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(0.98 * (sizes.length - 1))] || 1;
}
