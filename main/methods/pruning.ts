import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { ParameterInfo } from '../backends/backend.ts';
import { countOnes, topK } from '../topology/select.ts';
import { densityFields, targetCounts } from './masks.ts';
import type { MethodContext } from './method.ts';

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
  distribution: { ...densityFields.distribution, visibleWhen: { field: 'scope', is: ['layer'] } },
});

export type PruningValues = ValuesOf<typeof pruningFields>;

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
  const pruned =
    values.scope === 'global'
      ? topKOverall(scores, density, masks)
      : targetCounts(context, { density, distribution: values.distribution }).map((count, l) =>
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
