import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { UpdateRule } from '../backends/backend.ts';
import { adaptLambda, adaptiveLambdaFields } from './adaptive-lambda.ts';
import type { BregmanContext, BregmanState, BregmanValues } from './bregman.ts';
import type { MethodContext, StepPlan } from './method.ts';

/** Cycles of one fine step on all weights and m coarse steps on the support (arXiv 2602.03535, Algorithm 1). */
export const multilevelFields = defineFields({
  coarseSteps: {
    type: 'integer',
    label: 'Coarse steps m',
    default: 99,
    min: 0,
    max: 1000000,
    help:
      'Steps on the frozen support between two fine steps. A larger m costs fewer FLOPs and needs a smaller λ for the ' +
      'same density; accuracy hardly changes from 4 to 199 on a small MLP. 0 is the single-level method.',
    paper: 'arXiv 2602.03535',
  },
  fineBatches: {
    type: 'integer',
    label: 'Fine-step batches',
    default: 1,
    min: 1,
    max: 1024,
    unit: 'batches',
    help: 'Batches averaged in a fine step. More come closer to the exact gradient of the theory and cost more FLOPs.',
    paper: 'arXiv 2602.03535, Theorem 4.1',
  },
  // The support changes in fine steps only, so λ is steered there.
  adaptiveInterval: {
    ...adaptiveLambdaFields.adaptiveInterval,
    default: 1,
    unit: 'fine steps',
    help: 'Fine steps between two changes of λ.',
  },
});

type MultilevelValues = BregmanValues & ValuesOf<typeof multilevelFields>;

/** The fine step comes first: k mod (m + 1) = 0. */
const isFine = (values: MultilevelValues, step: number) => step % (values.coarseSteps + 1) === 0;

export function multilevelPlan(values: MultilevelValues, step: number): StepPlan {
  return isFine(values, step)
    ? { gradients: 'dense', batches: values.fineBatches, phase: 'fine' }
    : { gradients: 'support', batches: 1, phase: 'coarse' };
}

/**
 * Fine: all coordinates move, then A ← (θ ≠ 0). Coarse: only coordinates in A move; duals and moments outside
 * are frozen, and a weight that is thresholded to 0 stays in A until the next fine step, so it may come back.
 */
export async function multilevelStep(
  context: MethodContext<MultilevelValues, BregmanState>,
  rule: UpdateRule,
): Promise<void> {
  const { network, values, step, gradientScale } = context;
  if (isFine(values, step)) {
    await network.applyUpdate(rule, { scope: 'all', gradientScale, reselect: true });
    adaptLambda(context, step / (values.coarseSteps + 1));
  } else {
    await network.applyUpdate(rule, { scope: 'support', gradientScale });
  }
}

/** Weights thresholded to 0 since the last fine step leave the mask. */
export const reselectAtEnd = ({ network }: Pick<BregmanContext, 'network'>) => network.reselect();
