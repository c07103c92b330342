import { readDensities } from '../../shared/densities.ts';
import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { ParameterInfo } from '../backends/backend.ts';
import { layerCounts, layerDensities, type DistributionLayer } from '../topology/distribution.ts';
import { countOnes, topK } from '../topology/select.ts';
import { densityFields, distributionLayers, layerDensitiesField } from './masks.ts';
import type { DensityForecast, MethodContext } from './method.ts';

const whenPerLayer = { field: 'scope', is: ['layer'] } as const;

/** What dense-to-sparse pruning shares: where to end and over which weights scores compete. */
export const pruningFields = defineFields({
  density: {
    ...densityFields.density,
    label: 'Final density',
    help: 'Share of weights left at the end, over all layers that may be sparse. 0.1 is 90 % sparsity.',
  },
  scope: {
    type: 'choice',
    label: 'Compare',
    default: 'global',
    options: [
      { value: 'global', label: 'all layers together' },
      { value: 'layer', label: 'within each layer' },
    ],
    help: 'One threshold for the whole network is usually better; per layer keeps small layers from being emptied.',
  },
  distribution: { ...densityFields.distribution, visibleWhen: whenPerLayer },
  layerDensities: { ...layerDensitiesField.layerDensities, visibleWhen: whenPerLayer },
});

export type PruningValues = ValuesOf<typeof pruningFields>;

/**
 * Densities per layer on the way from dense to the final ones, in proportion.
 * @param density over all layers, between 1 and the final one
 */
function densitiesAt(values: PruningValues, density: number, layers: readonly DistributionLayer[]): number[] {
  const pruned = values.density === 1 ? 1 : (1 - density) / (1 - values.density);
  const final = readDensities(values.layerDensities ?? '')!;
  const fixed = new Map([...final].map(([name, d]) => [name, 1 - pruned * (1 - d)]));
  return layerDensities(values.distribution, density, layers, fixed);
}

/**
 * Of pruning along a schedule. Under one threshold for all layers the total alone is set.
 * @param schedule overall densities and the share of the training that each lasts
 */
export function forecastPruning(
  values: PruningValues,
  layers: readonly DistributionLayer[],
  schedule: readonly { density: number; share: number }[],
): DensityForecast {
  const start = layers.map(() => 1);
  const averageOf = (densitiesOf: (density: number) => readonly number[]) =>
    schedule.reduce(
      (sum, { density, share }) => {
        const densities = densitiesOf(density);
        return sum.map((total, l) => total + share * densities[l]);
      },
      layers.map(() => 0),
    );
  if (values.scope === 'global') {
    const even = (density: number) => layers.map(() => density);
    return {
      start,
      end: even(values.density),
      average: averageOf(even),
      assumption:
        'One threshold for the whole network sets the total density; how it spreads over the layers is an outcome ' +
        'of training. Assumed to be even.',
    };
  }
  const end = densitiesAt(values, values.density, layers);
  layerCounts(end, layers);
  return {
    start,
    end,
    average: averageOf((density) => densitiesAt(values, density, layers)),
    assumption: '',
  };
}

/**
 * Keeps the weights of highest score at the given density, among those still active; pruned weights stay 0.
 * @param density over all sparse layers, at most the present one
 * @param scoreOf larger is kept; one entry per weight
 */
export async function pruneTo(
  context: Pick<MethodContext<PruningValues, unknown>, 'network' | 'sparse' | 'values' | 'log'>,
  density: number,
  scoreOf: (parameter: ParameterInfo) => Promise<Float32Array>,
): Promise<void> {
  const { network, sparse, values, log } = context;
  const scores: Float32Array[] = [];
  const masks: Uint8Array[] = [];
  for (const parameter of sparse) {
    scores.push(await scoreOf(parameter));
    masks.push(await network.readMask(parameter.name));
  }
  const layers = distributionLayers(network, sparse);
  const pruned =
    values.scope === 'global'
      ? topKOverall(scores, density, masks)
      : layerCounts(densitiesAt(values, density, layers), layers).map((count, l) =>
          topK(scores[l], Math.min(count, countOnes(masks[l])), masks[l]),
        );
  for (const [l, { name }] of sparse.entries()) {
    await network.writeMask(name, pruned[l]);
    if (countOnes(pruned[l]) === 0) log(`Layer collapse: pruning left ${name} without weights.`);
  }
}

/** One threshold over all layers. */
function topKOverall(
  scores: readonly Float32Array[],
  density: number,
  masks: readonly Uint8Array[],
): Uint8Array[] {
  const size = scores.reduce((sum, s) => sum + s.length, 0);
  const all = new Float32Array(size);
  const eligible = new Uint8Array(size);
  let offset = 0;
  const offsets = scores.map((layer, l) => {
    all.set(layer, offset);
    eligible.set(masks[l], offset);
    offset += layer.length;
    return offset - layer.length;
  });
  const chosen = topK(all, Math.min(Math.round(density * size), countOnes(eligible)), eligible);
  return scores.map((layer, l) => chosen.slice(offsets[l], offsets[l] + layer.length));
}
