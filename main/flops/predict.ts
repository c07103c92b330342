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
  const kinds = new Map<string, { plan: StepPlan; steps: number }>();
  let denseSteps = 0;
  for (let step = 0; step < horizon.totalSteps; step++) {
    const plan = method.plan(values, step, horizon);
    const key = `${plan.gradients} ${plan.batches}`;
    const kind = kinds.get(key);
    if (kind) kind.steps++;
    else kinds.set(key, { plan, steps: 1 });
    if (plan.gradients === 'dense') denseSteps++;
  }
  const size = new Map(
    parameters.map((p) => [p.name, p.role === 'weight' ? p.size * density(p.name) : p.size]),
  );
  const meter = new FlopsMeter(parameters);
  for (const { plan, steps } of kinds.values()) {
    meter.add({ ...plan, batches: plan.batches * steps }, batchSize, (name) => size.get(name)!);
  }
  return {
    training: meter.training,
    percentOfDense: { paper: meter.percentOfDense('paper'), exact: meter.percentOfDense('exact') },
    denseStepShare: denseSteps / horizon.totalSteps,
  };
}
