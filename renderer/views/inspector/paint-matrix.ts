import type { Arrangement } from '../../masks/arrangement.ts';
import { levelCount } from '../../masks/pyramid.ts';
import type { Scene } from '../../masks/scene.ts';
import { tileSize, type TileAddress } from '../../masks/tiles.ts';
import { levelFor, sizeOf, visibleTiles, type Camera, type Size } from './camera.ts';
import type { Isolated } from './state.ts';
import type { TileStore } from './tile-store.ts';

/** From these sizes of an entry in pixels on, more is drawn. */
const gridFrom = 4;
const textFrom = 24;
const kernelLinesFrom = 5;

export interface MatrixColors {
  background: string;
  dead: string;
  grid: string;
  line: string;
  text: string;
  textOnStrong: string;
  accent: string;
  bad: string;
  muted: string;
  font: string;
}

export interface MatrixPicture {
  scene: Scene;
  /** Shown where the scene has no tile yet: what was seen before, of the same layer. */
  previous: Scene | undefined;
  arranged: Arrangement;
  camera: Camera;
  view: Size;
  pixelRatio: number;
  isolated: Isolated | undefined;
  cursor: { row: number; column: number } | undefined;
  /** Weights as stored; undefined where they are unknown or do not belong to this mask. */
  values: Float32Array | undefined;
  colors: MatrixColors;
}

/** What a frame could show, and what the colours of its level stand for. */
export interface MatrixFrame {
  level: number;
  full: number | undefined;
}

/** Draws the matrix as far as its tiles are there, and asks for those that are missing. */
export function paintMatrix(
  context: CanvasRenderingContext2D,
  tiles: TileStore,
  picture: MatrixPicture,
): MatrixFrame {
  const { arranged, camera, view, scene, pixelRatio, colors } = picture;
  const content = sizeOf(arranged);
  const levels = levelCount(arranged.rows, arranged.columns);
  const level = levelFor(camera.scale, pixelRatio, levels);

  context.fillStyle = colors.background;
  // Beyond the edge: a view of a fractional size ends in the middle of a pixel.
  context.fillRect(0, 0, view.width + 1, view.height + 1);
  const left = Math.max(0, -camera.x * camera.scale);
  const top = Math.max(0, -camera.y * camera.scale);
  const right = Math.min(view.width, (content.width - camera.x) * camera.scale);
  const bottom = Math.min(view.height, (content.height - camera.y) * camera.scale);
  context.fillStyle = colors.dead;
  context.fillRect(left, top, right - left, bottom - top);
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();

  const visible = visibleTiles(camera, content, view, level);
  const missing = visible.filter((at) => !drawTile(context, tiles, scene, at, picture));
  for (const at of missing) drawInstead(context, tiles, picture, at, levels);
  const full = visible.map((at) => tiles.get(scene, at)?.full).find((value) => value !== undefined);

  // The coarsest level is always there to fall back on, the tiles around are there before they are seen.
  const around = visibleTiles(camera, content, view, level, 1);
  const coarsest = visibleTiles(camera, content, view, levels);
  tiles.want([...missing, ...coarsest, ...around].map((at) => ({ scene, at })));

  drawGrid(context, picture);
  if (picture.values && camera.scale >= textFrom) drawValues(context, picture, picture.values);
  hideUnusedPlaces(context, picture);
  if (picture.isolated) dimOthers(context, picture, picture.isolated);
  if (picture.cursor) drawCursor(context, picture, picture.cursor);
  context.restore();
  return { level, full };
}

function drawTile(
  context: CanvasRenderingContext2D,
  tiles: TileStore,
  scene: Scene,
  at: TileAddress,
  { camera, pixelRatio }: MatrixPicture,
): boolean {
  const tile = tiles.get(scene, at);
  if (!tile) return false;
  const size = 2 ** at.level * camera.scale;
  // Entries have sharp edges as soon as they are larger than a few pixels; blocks blend into each other.
  context.imageSmoothingEnabled = at.level > 0 || size * pixelRatio < 2;
  context.drawImage(
    tile.bitmap,
    (at.column * tileSize * 2 ** at.level - camera.x) * camera.scale,
    (at.row * tileSize * 2 ** at.level - camera.y) * camera.scale,
    tile.bitmap.width * size,
    tile.bitmap.height * size,
  );
  return true;
}

/** A missing tile: what was there before, or its part of a coarser tile. */
function drawInstead(
  context: CanvasRenderingContext2D,
  tiles: TileStore,
  picture: MatrixPicture,
  at: TileAddress,
  levels: number,
): void {
  if (picture.previous && drawTile(context, tiles, picture.previous, at, picture)) return;
  for (let level = at.level + 1; level <= levels; level++) {
    const factor = 2 ** (level - at.level);
    const above = { level, row: Math.floor(at.row / factor), column: Math.floor(at.column / factor) };
    const tile = tiles.get(picture.scene, above);
    if (!tile) continue;
    const size = tileSize / factor;
    const x = (at.column % factor) * size;
    const y = (at.row % factor) * size;
    const width = Math.min(size, tile.bitmap.width - x);
    const height = Math.min(size, tile.bitmap.height - y);
    if (width <= 0 || height <= 0) return;
    const { camera } = picture;
    const block = 2 ** level * camera.scale;
    context.imageSmoothingEnabled = true;
    context.drawImage(
      tile.bitmap,
      x,
      y,
      width,
      height,
      (at.column * tileSize * 2 ** at.level - camera.x) * camera.scale,
      (at.row * tileSize * 2 ** at.level - camera.y) * camera.scale,
      width * block,
      height * block,
    );
    return;
  }
}

/** The entries that the view shows. */
function seen({ arranged, camera, view }: MatrixPicture) {
  return {
    top: Math.max(0, Math.floor(camera.y)),
    bottom: Math.min(arranged.rows, Math.ceil(camera.y + view.height / camera.scale)),
    left: Math.max(0, Math.floor(camera.x)),
    right: Math.min(arranged.columns, Math.ceil(camera.x + view.width / camera.scale)),
  };
}

/** Lines every so many entries; on whole device pixels, so that they are all equally thin. */
function lines(
  context: CanvasRenderingContext2D,
  picture: MatrixPicture,
  axis: 'row' | 'column',
  every: number,
): void {
  const { camera, view, pixelRatio } = picture;
  const { top, bottom, left, right } = seen(picture);
  const [from, to, start] = axis === 'row' ? [top, bottom, camera.y] : [left, right, camera.x];
  for (let unit = Math.ceil(from / every) * every; unit <= to; unit += every) {
    const at = Math.round((unit - start) * camera.scale * pixelRatio) / pixelRatio;
    if (axis === 'row') context.fillRect(0, at, view.width, 1 / pixelRatio);
    else context.fillRect(at, 0, 1 / pixelRatio, view.height);
  }
}

function drawGrid(context: CanvasRenderingContext2D, picture: MatrixPicture): void {
  const { camera, colors, arranged } = picture;
  if (camera.scale >= gridFrom) {
    // The grid fades in, so that it does not pop up while zooming.
    context.globalAlpha = Math.min(1, (camera.scale - gridFrom + 1) / 6);
    context.fillStyle = colors.grid;
    lines(context, picture, 'row', 1);
    lines(context, picture, 'column', 1);
    context.globalAlpha = 1;
  }
  const { cell } = arranged;
  if (!cell || Math.max(cell.rows, cell.columns) * camera.scale < kernelLinesFrom) return;
  context.globalAlpha = Math.min(1, (Math.max(cell.rows, cell.columns) * camera.scale) / 24);
  context.fillStyle = colors.line;
  // Rows of single entries have no lines of their own.
  if (cell.rows > 1) lines(context, picture, 'row', cell.rows);
  lines(context, picture, 'column', cell.columns);
  context.globalAlpha = 1;
}

function drawValues(context: CanvasRenderingContext2D, picture: MatrixPicture, values: Float32Array): void {
  const { arranged, camera, colors } = picture;
  const { top, bottom, left, right } = seen(picture);
  context.font = `${Math.min(12, Math.max(9, camera.scale / 2.8))}px ${colors.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.strokeStyle = colors.textOnStrong;
  context.fillStyle = colors.text;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const index = arranged.indexAt(row, column);
      const value = index < 0 ? 0 : values[index];
      if (value === 0) continue;
      const text = shortNumber(value);
      const x = (column + 0.5 - camera.x) * camera.scale;
      const y = (row + 0.5 - camera.y) * camera.scale;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    }
  }
}

/** Two digits after a point without its zero: `.04`, `−1.2`; `0` for what would be `.00`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size < 0.005) return '0';
  const text = size >= 9.95 ? size.toFixed(0) : size >= 0.995 ? size.toFixed(1) : size.toFixed(2).slice(1);
  return (value < 0 ? '\u2212' : '') + text;
}

/** Places of a grid of pictures that have no unit. */
function hideUnusedPlaces(
  context: CanvasRenderingContext2D,
  { arranged, camera, colors }: MatrixPicture,
): void {
  const { cell, rows, columns } = arranged;
  if (arranged.kind !== 'fields' || !cell) return;
  const row = rows - cell.rows;
  let column = columns - cell.columns;
  while (column >= 0 && arranged.indexAt(row, column) < 0) column -= cell.columns;
  context.fillStyle = colors.background;
  context.fillRect(
    (column + cell.columns - camera.x) * camera.scale,
    (row - camera.y) * camera.scale,
    (columns - column - cell.columns) * camera.scale,
    cell.rows * camera.scale,
  );
}

function dimOthers(
  context: CanvasRenderingContext2D,
  { camera, view, colors }: MatrixPicture,
  { axis, index }: Isolated,
): void {
  context.globalAlpha = 0.82;
  context.fillStyle = colors.background;
  const from = (index - (axis === 'row' ? camera.y : camera.x)) * camera.scale;
  // A line that is thinner than two pixels would vanish among the dimmed ones.
  const size = Math.max(2, camera.scale);
  if (axis === 'row') {
    context.fillRect(0, 0, view.width, from);
    context.fillRect(0, from + size, view.width, view.height);
  } else {
    context.fillRect(0, 0, from, view.height);
    context.fillRect(from + size, 0, view.width, view.height);
  }
  context.globalAlpha = 1;
}

function drawCursor(
  context: CanvasRenderingContext2D,
  { camera, view, colors }: MatrixPicture,
  { row, column }: { row: number; column: number },
): void {
  const x = (column - camera.x) * camera.scale;
  const y = (row - camera.y) * camera.scale;
  const size = Math.max(camera.scale, 1);
  context.fillStyle = colors.accent;
  context.globalAlpha = 0.28;
  context.fillRect(0, y + size / 2 - 0.5, view.width, 1);
  context.fillRect(x + size / 2 - 0.5, 0, 1, view.height);
  context.globalAlpha = 1;
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.5;
  const around = Math.max(size, 5);
  context.strokeRect(x + size / 2 - around / 2, y + size / 2 - around / 2, around, around);
}
