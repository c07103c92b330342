import { describe, expect, it } from 'vitest';
import type { MaskLayer } from '../../../../shared/masks.ts';
import {
  counterpart,
  indexAt,
  snapshotAt,
  withFrame,
} from '../../../../renderer/views/inspector/snapshots.ts';

const layer = (name: string, steps: number[], shape = [4, 5]): MaskLayer => ({
  name,
  shape,
  rows: shape[0],
  columns: shape.slice(1).reduce((a, b) => a * b, 1),
  steps,
  nnz: steps.map((step) => step + 1),
  targetDensity: undefined,
  macs: 20,
});

describe('snapshots', () => {
  it('finds what a layer looked like between two of them', () => {
    expect([-5, 0, 9, 10, 19, 1000].map((step) => indexAt([0, 10, 20, 30], step))).toEqual([
      0, 0, 0, 1, 1, 3,
    ]);
    expect(snapshotAt(layer('a', [0, 10, 20]), 15)).toEqual({ step: 10, nnz: 11, index: 1 });
  });

  it('adds what a running training announces, once', () => {
    const catalog = { layers: [layer('a', [0, 10]), layer('b', [0])], steps: [0, 10] };
    const frame = { type: 'topology' as const, step: 20, layers: [{ name: 'b', nnz: 7 }] };
    const next = withFrame(catalog, frame);
    expect(next.steps).toEqual([0, 10, 20]);
    expect(next.layers[0]).toBe(catalog.layers[0]);
    expect(next.layers[1]).toMatchObject({ steps: [0, 20], nnz: [1, 7] });
    // The catalog was read after the frame was sent.
    expect(withFrame(next, frame)).toEqual(next);
  });

  it('compares layers of equal shape only', () => {
    const a = layer('fc1', [0]);
    const others = [layer('fc2', [0]), layer('fc1', [0], [9, 9]), layer('fc3', [0])];
    expect(counterpart(a, others)).toBeUndefined();
    expect(counterpart(a, [layer('fc2', [0]), layer('x', [0], [2, 2])])?.name).toBe('fc2');
    expect(counterpart(a, [layer('fc2', [0]), a])).toBe(a);
  });
});
