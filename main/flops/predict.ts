import type { Horizon, Method, StepPlan } from '../methods/method.ts';
import type { Fields, ValuesOf } from '../../shared/fields.ts';
import { FlopsMeter, type CountedParameter } from './count.ts';

export interface FlopsPrediction {
  /** FLOPs of the whole run, papers' convention. */
  training: number;
  /** % of dense training over the same number of samples. */
  percentOfDense: { paper: number; exact: number };
  /** Share of the steps that need dense gradients. */
  denseStepShare: number;
}

/** The kinds of steps that a run consists of, by what they compute, and the share of the steps that each is. */
export function planKinds<F extends Fields>(
  method: Pick<Method<F>, 'plan'>,
  values: ValuesOf<F>,
  horizon: Horizon,
): { plan: Pick<StepPlan, 'gradients' | 'batches'>; share: number }[] {
  const counts = { support: new Map<number, number>(), dense: new Map<number, number>() };
  let judged = 0;
  for (const step of sampleSteps(horizon.totalSteps)) {
    const { gradients, batches } = method.plan(values, step, horizon);
    counts[gradients].set(batches, (counts[gradients].get(batches) ?? 0) + 1);
    judged++;
  }
  return (['support', 'dense'] as const).flatMap((gradients) =>
    [...counts[gradients]].map(([batches, steps]) => ({
      plan: { gradients, batches },
      share: steps / judged,
    })),
  );
}

/** Runs of more steps are judged by this many of them: plans repeat, and a form cannot wait for 10⁸ of them. */
const judgedSteps = 100_000;

/** Steps spread evenly over a run without a period of their own: multiples of the golden ratio, modulo the whole. */
function* sampleSteps(totalSteps: number): Generator<number> {
  if (totalSteps <= judgedSteps) for (let step = 0; step < totalSteps; step++) yield step;
  else for (let i = 0; i < judgedSteps; i++) yield Math.floor(((i * 0.6180339887498949) % 1) * totalSteps);
}

/**
 * Expected FLOPs of a run before it starts, from the gradients and batches that the method says its steps need.
 * @param density of each weight by name, 0..1, averaged over the training; 1 where the method leaves it dense
 */
export function predictFlops<F extends Fields>(
  parameters: readonly CountedParameter[],
  method: Pick<Method<F>, 'plan'>,
  values: ValuesOf<F>,
  horizon: Horizon,
  batchSize: number,
  density: (name: string) => number,
): FlopsPrediction {
  // FLOPs are linear in the density, so a run costs what its kinds of step cost at the average density.
  const kinds = planKinds(method, values, horizon);
  const size = new Map(
    parameters.map((p) => [p.name, p.role === 'weight' ? p.size * density(p.name) : p.size]),
  );
  const meter = new FlopsMeter(parameters);
  for (const { plan, share } of kinds) {
    const batches = plan.batches * share * horizon.totalSteps;
    meter.add({ ...plan, batches }, batchSize, (name) => size.get(name)!);
  }
  return {
    training: meter.training,
    percentOfDense: { paper: meter.percentOfDense('paper'), exact: meter.percentOfDense('exact') },
    denseStepShare: kinds.reduce((sum, { plan, share }) => sum + (plan.gradients === 'dense' ? share : 0), 0),
  };
}
