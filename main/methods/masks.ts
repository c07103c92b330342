import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { Network, ParameterInfo } from '../backends/backend.ts';
import { layerCounts, layerDensities, type DistributionLayer } from '../topology/distribution.ts';
import { randomMask } from '../topology/select.ts';
import type { MethodContext } from './method.ts';

/** A fixed budget of active weights and how it is spread over the layers. */
export const densityFields = defineFields({
  density: {
    type: 'number',
    label: 'Density',
    default: 0.1,
    min: 0,
    max: 1,
    exclusiveMin: true,
    help: 'Share of weights that are active, over all layers that may be sparse. 0.1 is 90 % sparsity.',
  },
  distribution: {
    type: 'choice',
    label: 'Distribution',
    default: 'erk',
    options: [
      { value: 'uniform', label: 'uniform' },
      { value: 'uniform-plus', label: 'uniform+ (first layer dense, last ≥ 20 %)' },
      { value: 'er', label: 'Erdős–Rényi' },
      { value: 'erk', label: 'Erdős–Rényi kernel' },
    ],
    help:
      'Density per layer. Erdős–Rényi keeps small layers denser and gains accuracy; on convolutions it costs more ' +
      'FLOPs than uniform at the same density.',
    paper: 'arXiv 1911.11134, Section 3',
  },
});

export type DensityValues = ValuesOf<typeof densityFields>;

/** The sparse layers as the distributions see them, knowing which are the network's first and last. */
export function distributionLayers(
  network: Pick<Network, 'parameters'>,
  sparse: readonly ParameterInfo[],
): DistributionLayer[] {
  const weights = network.parameters.filter((p) => p.role === 'weight');
  const positionOf = (name: string) =>
    name === weights[0].name ? 'first' : name === weights.at(-1)!.name ? 'last' : undefined;
  return sparse.map(({ name, shape }) => ({ name, shape, position: positionOf(name) }));
}

/** Active entries per sparse layer, in order: exact in total, each layer within one entry. */
export function targetCounts(
  context: Pick<MethodContext<unknown, unknown>, 'network' | 'sparse'>,
  { density, distribution }: DensityValues,
): number[] {
  const layers = distributionLayers(context.network, context.sparse);
  return layerCounts(layerDensities(distribution, density, layers), layers);
}

/** Random masks with exact counts; weights that stay keep their initial values. */
export async function initRandomMasks(
  context: Pick<MethodContext<DensityValues, unknown>, 'network' | 'sparse' | 'random' | 'values'>,
): Promise<Map<string, Uint8Array>> {
  const { network, sparse, random, values } = context;
  const counts = targetCounts(context, values);
  const masks = new Map<string, Uint8Array>();
  for (const [l, { name, size }] of sparse.entries()) {
    const mask = randomMask(size, counts[l], random);
    await network.writeMask(name, mask);
    masks.set(name, mask);
  }
  return masks;
}
