import type { LiveFrame } from '../../../shared/contract.ts';
import type { MaskCatalog, MaskLayer } from '../../../shared/masks.ts';

/** Position of the newest of some ascending steps that is not after `step`; the first one if all are. */
export function indexAt(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What a layer looked like at a step of the run: it has not changed since the snapshot before. */
export function snapshotAt(layer: MaskLayer, step: number): { step: number; nnz: number; index: number } {
  const index = indexAt(layer.steps, step);
  return { step: layer.steps[index], nnz: layer.nnz[index], index };
}

/** A catalog with the snapshots that a live run has just announced. */
export function withFrame(
  catalog: MaskCatalog,
  frame: Extract<LiveFrame, { type: 'topology' }>,
): MaskCatalog {
  const announced = new Map(frame.layers.map(({ name, nnz }) => [name, nnz]));
  const layers = catalog.layers.map((layer) => {
    const nnz = announced.get(layer.name);
    if (nnz === undefined || (layer.steps.at(-1) ?? -1) >= frame.step) return layer;
    return { ...layer, steps: [...layer.steps, frame.step], nnz: [...layer.nnz, nnz] };
  });
  const isNew = frame.step > (catalog.steps.at(-1) ?? -1);
  return { layers, steps: isNew ? [...catalog.steps, frame.step] : catalog.steps };
}

/** The layer of another run that can be compared with this one: of the same name, or else the only one of its shape. */
export function counterpart(layer: MaskLayer, others: readonly MaskLayer[]): MaskLayer | undefined {
  const alike = others.filter(({ shape }) => shape.join() === layer.shape.join());
  return alike.find(({ name }) => name === layer.name) ?? (alike.length === 1 ? alike[0] : undefined);
}
