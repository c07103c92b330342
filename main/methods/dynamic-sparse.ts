import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { ParameterInfo } from '../backends/backend.ts';
import { dropAndGrow, dropFractionAt } from '../topology/drop-grow.ts';
import { magnitude } from '../topology/scores.ts';
import { countOnes, randomK, topK } from '../topology/select.ts';
import { optimizerFields, optimizerRule } from './dense-optimizer.ts';
import { densityFields, layerDensitiesField } from './masks.ts';
import type { Horizon, MethodContext } from './method.ts';

/** Dynamic sparse training at a fixed budget: every ΔT steps each layer drops k weights and grows k others. */
export const dynamicFields = defineFields({
  ...densityFields,
  ...layerDensitiesField,
  updateInterval: {
    type: 'integer',
    label: 'Update interval ΔT',
    default: 100,
    min: 1,
    max: 1000000,
    unit: 'steps',
    help: 'Steps between two changes of the masks. Larger lets grown weights settle; smaller explores more.',
    paper: 'arXiv 1911.11134, Section 3',
  },
  dropFraction: {
    type: 'number',
    label: 'Drop fraction α',
    default: 0.3,
    min: 0,
    max: 1,
    help: "Share of a layer's active weights replaced at the first update.",
    paper: 'arXiv 1911.11134, Section 3',
  },
  dropDecay: {
    type: 'choice',
    label: 'Drop decay',
    default: 'cosine',
    options: [
      { value: 'cosine', label: 'cosine to 0' },
      { value: 'constant', label: 'none' },
    ],
    help: 'How the drop fraction moves until the last update.',
    paper: 'arXiv 1911.11134, Section 3',
  },
  updateEnd: {
    type: 'number',
    label: 'Last update T_end',
    default: 0.75,
    min: 0,
    max: 1,
    help: 'Masks stay fixed after this share of the training, so that the last weights can settle.',
    paper: 'arXiv 1911.11134, Section 3',
  },
  ...optimizerFields,
});

export type DynamicValues = ValuesOf<typeof dynamicFields>;

/** Batches behind the gradients that grow weights; only methods that grow by gradient have it. */
export const growthBatchesField = defineFields({
  growthBatches: {
    type: 'integer',
    label: 'Growth batches',
    default: 1,
    min: 1,
    max: 1024,
    unit: 'batches',
    help: 'Batches whose gradients are averaged before weights grow. Raise it at small batch sizes, where one is noisy.',
  },
});

const endStep = (values: DynamicValues, horizon: Horizon) => values.updateEnd * horizon.totalSteps;

/** t mod ΔT = 0 and 0 < t < T_end: before the first step magnitudes say nothing yet. */
export function isTopologyUpdate(values: DynamicValues, step: number, horizon: Horizon): boolean {
  return step > 0 && step % values.updateInterval === 0 && step < endStep(values, horizon);
}

/** How a layer chooses the k entries that it grows. */
export type Grow = (
  context: MethodContext<DynamicValues, unknown>,
  parameter: ParameterInfo,
) => Promise<(candidates: Uint8Array, k: number) => Uint8Array>;

/** Largest |g| of the last dense pass. */
export const growByGradient: Grow = async ({ network }, { name }) => {
  const scores = magnitude(await network.read(name, 'gradient'));
  return (candidates, k) => topK(scores, k, candidates);
};

export const growAtRandom: Grow =
  async ({ random }) =>
  (candidates, k) =>
    randomK(candidates, k, random);

/**
 * Updates the mask of every sparse layer; grown weights and their optimiser state start at 0.
 * @returns the new masks by name
 */
export async function updateTopology(
  context: MethodContext<DynamicValues, unknown>,
  grow: Grow,
): Promise<Map<string, Uint8Array>> {
  const { network, sparse, values, step } = context;
  const share = dropFractionAt(values.dropFraction, values.dropDecay, step, endStep(values, context));
  const masks = new Map<string, Uint8Array>();
  for (const parameter of sparse) {
    const mask = await network.readMask(parameter.name);
    const weights = await network.read(parameter.name, 'value');
    const k = Math.floor(share * countOnes(mask));
    const updated = dropAndGrow(mask, weights, k, await grow(context, parameter));
    await network.writeMask(parameter.name, updated);
    masks.set(parameter.name, updated);
  }
  return masks;
}

export async function stepOnSupport(context: MethodContext<DynamicValues, unknown>): Promise<void> {
  const { network, values, learningRate, gradientScale } = context;
  await network.applyUpdate(optimizerRule(values, learningRate), { scope: 'support', gradientScale });
}
