import type { LayerSummary } from '../../../shared/frames.ts';
import type { MaskCatalog } from '../../../shared/masks.ts';

/** A layer as the overview lists it. */
export interface LayerRow {
  name: string;
  shape: string;
  density: number;
  nnz: number;
  /** Density the method aims at, where it says so. */
  target: number | undefined;
  /** Dead outputs and inputs; known only from the summary of a run that has ended. */
  dead: number | undefined;
}

/** Layers from the newest masks while a run trains, with what only its summary knows once it has ended. */
export function layerRows(
  masks: MaskCatalog | undefined,
  summary: readonly LayerSummary[] | undefined,
): LayerRow[] {
  if (summary) {
    return summary.map(({ name, shape, density, nnz, deadRows, deadColumns }) => ({
      name,
      shape: shape.join(' × '),
      density,
      nnz,
      target: masks?.layers.find((layer) => layer.name === name)?.targetDensity,
      dead: deadRows + deadColumns,
    }));
  }
  return (masks?.layers ?? []).map(({ name, shape, rows, columns, nnz, targetDensity }) => {
    const active = nnz.at(-1) ?? 0;
    return {
      name,
      shape: shape.join(' × '),
      density: active / (rows * columns),
      nnz: active,
      target: targetDensity,
      dead: undefined,
    };
  });
}
