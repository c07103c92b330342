import type { PackedMask } from '../../shared/masks.ts';
import { difference } from '../masks/difference.ts';

/** The newest masks of a run, by layer. */
export type LastMasks = ReadonlyMap<string, PackedMask>;

/** How far two runs chose the same weights. */
export interface Overlap {
  /** Intersection over union of all layers that both have in one shape. */
  iou: number;
  /** The same for two random masks with these layers' densities. */
  expected: number;
  layers: string[];
}

/**
 * @param layer only this one; left out: all
 * @returns undefined where the two have no layer of the same name and shape
 */
export function overlapOf(a: LastMasks, b: LastMasks, layer?: string): Overlap | undefined {
  const layers: string[] = [];
  const sum = { kept: 0, union: 0, expectedKept: 0, expectedUnion: 0 };
  for (const [name, mask] of a) {
    const other = b.get(name);
    if (!other || other.rows !== mask.rows || other.columns !== mask.columns) continue;
    if (layer !== undefined && name !== layer) continue;
    const { entries, kept, born, died } = difference(mask, other);
    const expectedKept = ((kept + died) * (kept + born)) / entries;
    sum.kept += kept;
    sum.union += kept + born + died;
    sum.expectedKept += expectedKept;
    sum.expectedUnion += 2 * kept + died + born - expectedKept;
    layers.push(name);
  }
  if (layers.length === 0) return undefined;
  const ratio = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);
  return {
    iou: ratio(sum.kept, sum.union),
    expected: ratio(sum.expectedKept, sum.expectedUnion),
    layers,
  };
}
