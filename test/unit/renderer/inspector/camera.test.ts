import { describe, expect, it } from 'vitest';
import {
  centerOn,
  clamp,
  entryAt,
  fit,
  levelFor,
  visibleTiles,
  zoomAt,
  type Camera,
} from '../../../../renderer/views/inspector/camera.ts';

const view = { width: 600, height: 400 };
const large = { width: 4096, height: 4096 };

/** Where an entry is in the view. */
const placeOf = (camera: Camera, row: number, column: number) => ({
  x: (column - camera.x) * camera.scale,
  y: (row - camera.y) * camera.scale,
});

describe('the camera', () => {
  it('fits a matrix into the middle of the view', () => {
    for (const content of [large, { width: 784, height: 10 }, { width: 3, height: 2000 }]) {
      const camera = fit(content, view);
      const first = placeOf(camera, 0, 0);
      const last = placeOf(camera, content.height, content.width);
      expect(first.x).toBeGreaterThanOrEqual(0);
      expect(first.y).toBeGreaterThanOrEqual(0);
      expect(first.x + last.x).toBeCloseTo(view.width, 6);
      expect(first.y + last.y).toBeCloseTo(view.height, 6);
    }
  });

  it('keeps the entry under the pointer while zooming', () => {
    const camera: Camera = { x: 1000, y: 1500, scale: 2 };
    const at = { x: 250, y: 130 };
    const before = { x: camera.x + at.x / camera.scale, y: camera.y + at.y / camera.scale };
    for (const factor of [0.7, 1.3, 8]) {
      const zoomed = zoomAt(camera, factor, at, large, view);
      expect(zoomed.scale).toBeCloseTo(2 * factor, 9);
      expect(zoomed.x + at.x / zoomed.scale).toBeCloseTo(before.x, 6);
      expect(zoomed.y + at.y / zoomed.scale).toBeCloseTo(before.y, 6);
    }
  });

  it('has ends: of the zoom, and of the matrix', () => {
    expect(zoomAt({ x: 0, y: 0, scale: 1 }, 1e9, { x: 0, y: 0 }, large, view).scale).toBe(64);
    expect(zoomAt({ x: 0, y: 0, scale: 1 }, 1e-9, { x: 0, y: 0 }, large, view).scale).toBeCloseTo(
      fit(large, view).scale / 2,
    );
    const far = clamp({ x: 1e6, y: -1e6, scale: 1 }, large, view);
    expect(placeOf(far, 0, large.width).x).toBeGreaterThan(0);
    expect(placeOf(far, 0, large.width).x).toBeLessThanOrEqual(view.width);
    expect(placeOf(far, 0, 0).y).toBeGreaterThanOrEqual(0);
  });

  it('finds entries, and brings them to the middle', () => {
    const camera = centerOn({ x: 0, y: 0, scale: 16 }, 2000, 3000, large, view);
    expect(entryAt(camera, { x: 300, y: 200 }, large)).toEqual({ row: 2000, column: 3000 });
    expect(
      entryAt(fit({ width: 10, height: 10 }, view), { x: 1, y: 1 }, { width: 10, height: 10 }),
    ).toBeUndefined();
  });

  it('chooses a level whose blocks are one to two pixels', () => {
    expect(levelFor(1, 1, 7)).toBe(0);
    expect(levelFor(20, 2, 7)).toBe(0);
    expect(levelFor(0.5, 1, 7)).toBe(1);
    expect(levelFor(0.5, 2, 7)).toBe(0);
    for (const scale of [0.9, 0.3, 0.14, 0.04]) {
      const pixels = scale * 2 ** levelFor(scale, 1, 9);
      expect(pixels).toBeGreaterThanOrEqual(1);
      expect(pixels).toBeLessThan(2);
    }
    expect(levelFor(1e-5, 1, 3)).toBe(3);
  });

  it('names the tiles in sight, the middle first, and none beside the matrix', () => {
    const camera = { x: 900, y: 0, scale: 1 };
    const tiles = visibleTiles(camera, large, view, 0);
    const keys = tiles.map(({ row, column }) => `${row},${column}`);
    expect(new Set(keys)).toEqual(new Set(['0,3', '0,4', '0,5', '1,3', '1,4', '1,5']));
    expect(tiles[0].column).toBe(4);
    const all = visibleTiles(camera, large, view, 4, 5);
    expect(all).toEqual([{ level: 4, row: 0, column: 0 }]);
  });
});
