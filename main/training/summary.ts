import type { LayerSummary } from '../../shared/frames.ts';
import type { Network } from '../backends/backend.ts';
import { degrees } from '../topology/statistics.ts';

/** Non-zeros over size of the weights that a method may sparsify. */
export function densityOf(network: Network): number {
  let active = 0;
  let size = 0;
  for (const parameter of network.parameters) {
    if (!parameter.sparse) continue;
    active += network.activeCount(parameter.name);
    size += parameter.size;
  }
  return active / size;
}

/** What each layer of a trained network looks like. */
export async function layerSummaries(network: Network): Promise<LayerSummary[]> {
  const execution = new Map(network.execution().map((layer) => [layer.parameter, layer.choice]));
  const layers: LayerSummary[] = [];
  for (const p of network.parameters.filter((parameter) => parameter.role === 'weight')) {
    const rows = p.shape[0];
    const { deadRows, deadColumns } = degrees(await network.readMask(p.name), rows, p.size / rows);
    const nnz = network.activeCount(p.name);
    layers.push({
      name: p.name,
      shape: [...p.shape],
      nnz,
      size: p.size,
      density: nnz / p.size,
      macs: p.size * p.macsPerWeight,
      execution: execution.get(p.name) ?? 'dense',
      deadRows,
      deadColumns,
    });
  }
  return layers;
}
