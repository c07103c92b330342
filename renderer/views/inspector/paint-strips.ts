import type { Marginals } from '../../masks/engine.ts';
import type { Camera, Size } from './camera.ts';
import type { MatrixColors } from './paint-matrix.ts';

export type Axis = 'row' | 'column';

export interface PartColors {
  mask: string;
  kept: string;
  born: string;
  died: string;
}

export interface StripPicture {
  axis: Axis;
  marginals: Marginals;
  /** Are rows and columns units that can be dead? Lines of pictures and kernels are not. */
  marksDead: boolean;
  camera: Camera;
  /** The strip's own size in pixels. */
  size: Size;
  /** The row or column under the pointer, or the isolated one. */
  marked: number | undefined;
  colors: MatrixColors;
  parts: PartColors;
}

/**
 * Degrees along one side of the matrix: a bar per row or column, or where those are thinner than a pixel the mean of
 * those in the pixel. Units without any connection are red over the whole depth.
 */
export function paintStrip(context: CanvasRenderingContext2D, picture: StripPicture): void {
  const { axis, marginals, camera, size, colors, parts } = picture;
  context.fillStyle = colors.background;
  context.fillRect(0, 0, size.width + 1, size.height + 1);
  const lists = marginals.map(({ rows, columns }) => (axis === 'row' ? rows : columns));
  const units = lists[0].length;
  const max = largestSum(lists);
  const length = axis === 'row' ? size.height : size.width;
  const depth = (axis === 'row' ? size.width : size.height) - 1;
  const start = axis === 'row' ? camera.y : camera.x;

  const bar = (at: number, thickness: number, from: number, to: number) => {
    if (axis === 'row') context.fillRect(from, at, to - from, thickness);
    else context.fillRect(at, size.height - to, thickness, to - from);
  };
  const first = Math.max(0, Math.floor(start));
  const last = Math.min(units, Math.ceil(start + length / camera.scale));
  const group = Math.max(1, Math.floor(1 / camera.scale));
  for (let unit = first - (first % group); unit < last; unit += group) {
    const end = Math.min(unit + group, units);
    const at = (unit - start) * camera.scale;
    const thickness = Math.max(1, (end - unit) * camera.scale - (camera.scale >= 4 ? 1 : 0));
    let from = 0;
    let dead = 0;
    for (let i = unit; i < end && picture.marksDead; i++) if (lists.every((list) => list[i] === 0)) dead++;
    if (dead > 0) {
      context.fillStyle = colors.bad;
      context.globalAlpha = 0.35 + (0.65 * dead) / (end - unit);
      bar(at, thickness, 0, depth);
      context.globalAlpha = 1;
    }
    lists.forEach((list, part) => {
      let sum = 0;
      for (let i = unit; i < end; i++) sum += list[i];
      const to = from + ((sum / (end - unit)) * depth) / max;
      context.fillStyle = parts[marginals[part].part];
      if (sum > 0) bar(at, thickness, from, Math.max(to, from + 1));
      from = to;
    });
  }
  if (picture.marked === undefined) return;
  context.fillStyle = colors.accent;
  context.globalAlpha = 0.25;
  bar((picture.marked - start) * camera.scale, Math.max(2, camera.scale), 0, depth);
  context.globalAlpha = 1;
}

/** The most connections of a unit, over all parts. */
export function largestSum(lists: readonly Uint32Array[]): number {
  let max = 1;
  for (let i = 0; i < lists[0].length; i++) {
    let sum = 0;
    for (const list of lists) sum += list[i];
    if (sum > max) max = sum;
  }
  return max;
}

/** Numbers along an axis at round distances of at least `minPixels`. */
export function axisTicks(
  start: number,
  units: number,
  scale: number,
  length: number,
  minPixels: number,
): number[] {
  const raw = minPixels / scale;
  const power = 10 ** Math.floor(Math.log10(Math.max(raw, 1)));
  const every = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw) ?? 10 * power;
  const ticks: number[] = [];
  for (let unit = Math.ceil(Math.max(0, start) / every) * every; unit < units; unit += every) {
    if ((unit + 0.5 - start) * scale > length) break;
    ticks.push(unit);
  }
  return ticks;
}
