import { readDensities } from '../../shared/densities.ts';
import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { Random } from '../../shared/random.ts';
import type { ParameterShape } from '../models/graph.ts';
import { layerCounts, layerDensities, type DistributionLayer } from '../topology/distribution.ts';
import { magnitude } from '../topology/scores.ts';
import { countOnes, randomK, randomMask, topK } from '../topology/select.ts';
import type { DensityForecast, MethodContext } from './method.ts';

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

/** Densities of single layers, for masks whose distribution is a setting. */
export const layerDensitiesField = defineFields({
  layerDensities: {
    type: 'densities',
    label: 'Density per layer',
    default: '',
    help:
      'Sets the density of single layers and leaves the others as the distribution has them, so that the overall ' +
      'density moves. Empty: the distribution decides everywhere.',
  },
});

export type DensityValues = ValuesOf<typeof densityFields> & ValuesOf<typeof layerDensitiesField>;

/** The sparse layers as the distributions see them, knowing which are the network's first and last. */
export function distributionLayers(
  network: { readonly parameters: readonly ParameterShape[] },
  sparse: readonly ParameterShape[],
): DistributionLayer[] {
  const weights = network.parameters.filter((p) => p.role === 'weight');
  const positionOf = (name: string) =>
    name === weights[0].name ? 'first' : name === weights.at(-1)!.name ? 'last' : undefined;
  return sparse.map(({ name, shape }) => ({ name, shape, position: positionOf(name) }));
}

/** What a distribution and the densities set layer by layer come to. */
export function setDensities(values: DensityValues, layers: readonly DistributionLayer[]): number[] {
  // Runs stored before layers could be set have no such setting.
  const fixed = readDensities(values.layerDensities ?? '');
  return layerDensities(values.distribution, values.density, layers, fixed);
}

/** Active entries per sparse layer, in order: exact in total, each layer within one entry. */
export function targetCounts(
  context: Pick<MethodContext<unknown, unknown>, 'network' | 'sparse'>,
  values: DensityValues,
): number[] {
  const layers = distributionLayers(context.network, context.sparse);
  return layerCounts(setDensities(values, layers), layers);
}

/** Of masks that keep their number of entries. @throws UserError where a layer would be left empty */
export function forecastFixed(values: DensityValues, layers: readonly DistributionLayer[]): DensityForecast {
  const densities = setDensities(values, layers);
  layerCounts(densities, layers);
  return { start: densities, end: densities, average: densities, assumption: '' };
}

/**
 * Masks with exact counts, random over fresh weights; a warm start keeps the largest weights, and random ones of the
 * zeros where the other run was sparser. Weights that stay keep their initial values.
 */
export async function initMasks(
  context: Pick<
    MethodContext<DensityValues, unknown>,
    'network' | 'sparse' | 'random' | 'values' | 'warmStart'
  >,
): Promise<Map<string, Uint8Array>> {
  const { network, sparse, random, values, warmStart } = context;
  const counts = targetCounts(context, values);
  const masks = new Map<string, Uint8Array>();
  for (const [l, { name, size }] of sparse.entries()) {
    const mask = warmStart
      ? largestMask(await network.read(name, 'value'), counts[l], random)
      : randomMask(size, counts[l], random);
    await network.writeMask(name, mask);
    masks.set(name, mask);
  }
  return masks;
}

function largestMask(weights: Float32Array, count: number, random: Random): Uint8Array {
  const isZero = Uint8Array.from(weights, (weight) => (weight === 0 ? 1 : 0));
  const missing = count - (weights.length - countOnes(isZero));
  if (missing <= 0) return topK(magnitude(weights), count);
  return randomK(isZero, missing, random).map((chosen, i) => chosen | (1 - isZero[i]));
}
