import { tileSize, type TileAddress } from '../../masks/tiles.ts';

export interface Size {
  width: number;
  height: number;
}

/** What part of the matrix is seen: the entry at the upper left corner (may be fractional) and pixels per entry. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

/** Rows and columns as a size in entries. */
export const sizeOf = (matrix: { rows: number; columns: number }): Size => ({
  width: matrix.columns,
  height: matrix.rows,
});

const margin = 8;
const maxScale = 64;
/** Small matrices fill the view, but an entry never gets larger than this by fitting. */
const maxFitScale = 32;

export function fitScale(content: Size, view: Size): number {
  const scale = Math.min(
    (view.width - 2 * margin) / content.width,
    (view.height - 2 * margin) / content.height,
  );
  return Math.max(1e-6, Math.min(scale, maxFitScale));
}

/** The whole matrix in the middle of the view. */
export function fit(content: Size, view: Size): Camera {
  return center(content, view, fitScale(content, view));
}

function center(content: Size, view: Size, scale: number): Camera {
  return {
    scale,
    x: (content.width - view.width / scale) / 2,
    y: (content.height - view.height / scale) / 2,
  };
}

/** Keeps some of the matrix in the view, and a matrix that is smaller than the view whole and centred. */
export function clamp(camera: Camera, content: Size, view: Size): Camera {
  const scale = Math.min(maxScale, Math.max(camera.scale, fitScale(content, view) / 2));
  const axis = (start: number, size: number, seen: number) => {
    if (size <= seen) return (size - seen) / 2;
    const slack = Math.min(margin / scale, seen / 2);
    return Math.min(Math.max(start, -slack), size - seen + slack);
  };
  return {
    scale,
    x: axis(camera.x, content.width, view.width / scale),
    y: axis(camera.y, content.height, view.height / scale),
  };
}

/** Zooms so that the entry under a point of the view stays there. */
export function zoomAt(
  camera: Camera,
  factor: number,
  at: { x: number; y: number },
  content: Size,
  view: Size,
): Camera {
  const smallest = fitScale(content, view) / 2;
  const scale = Math.min(maxScale, Math.max(camera.scale * factor, smallest));
  return clamp(
    {
      scale,
      x: camera.x + at.x / camera.scale - at.x / scale,
      y: camera.y + at.y / camera.scale - at.y / scale,
    },
    content,
    view,
  );
}

/** Puts an entry into the middle of the view. */
export function centerOn(camera: Camera, row: number, column: number, content: Size, view: Size): Camera {
  return clamp(
    {
      scale: camera.scale,
      x: column + 0.5 - view.width / camera.scale / 2,
      y: row + 0.5 - view.height / camera.scale / 2,
    },
    content,
    view,
  );
}

/** The coarsest level whose pixels are not larger than a device pixel needs: between one and two of them. */
export function levelFor(scale: number, pixelRatio: number, levels: number): number {
  const wanted = Math.ceil(-Math.log2(scale * pixelRatio) - 1e-9);
  return Math.min(Math.max(0, wanted), levels);
}

/** The tiles of a level that the view shows, those in its middle first; `ring` tiles more on every side. */
export function visibleTiles(
  camera: Camera,
  content: Size,
  view: Size,
  level: number,
  ring = 0,
): TileAddress[] {
  const size = tileSize * 2 ** level;
  const range = (start: number, seen: number, all: number) => ({
    first: Math.max(0, Math.floor(start / size) - ring),
    last: Math.min(Math.ceil(all / size) - 1, Math.floor((start + seen) / size) + ring),
  });
  const rows = range(camera.y, view.height / camera.scale, content.height);
  const columns = range(camera.x, view.width / camera.scale, content.width);
  const tiles: TileAddress[] = [];
  for (let row = rows.first; row <= rows.last; row++) {
    for (let column = columns.first; column <= columns.last; column++) tiles.push({ level, row, column });
  }
  const middleRow = (camera.y + view.height / camera.scale / 2) / size - 0.5;
  const middleColumn = (camera.x + view.width / camera.scale / 2) / size - 0.5;
  const distance = ({ row, column }: TileAddress) => Math.hypot(row - middleRow, column - middleColumn);
  return tiles.sort((a, b) => distance(a) - distance(b));
}

/** The entry under a point of the view; undefined beside the matrix. */
export function entryAt(
  camera: Camera,
  at: { x: number; y: number },
  content: Size,
): { row: number; column: number } | undefined {
  const column = Math.floor(camera.x + at.x / camera.scale);
  const row = Math.floor(camera.y + at.y / camera.scale);
  const inside = row >= 0 && column >= 0 && row < content.height && column < content.width;
  return inside ? { row, column } : undefined;
}
