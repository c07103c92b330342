import { defineFields, type ValuesOf } from '../../shared/fields.ts';

/** How the learning rate τ moves from the method's base value over a run. */
export const scheduleFields = defineFields({
  decay: {
    type: 'choice',
    label: 'Decay',
    default: 'cosine',
    options: [
      { value: 'cosine', label: 'cosine to 0' },
      { value: 'step', label: 'in steps' },
      { value: 'constant', label: 'none' },
    ],
    help: 'Cosine suits most runs. Steps reproduce older recipes; none helps when studying the method itself.',
    paper: 'arXiv 1608.03983, Equation 5, without restarts',
  },
  milestones: {
    type: 'integers',
    label: 'Milestones',
    default: [50, 75],
    min: 1,
    max: 99,
    maxLength: 16,
    help: 'Where the learning rate drops, in percent of the whole training.',
    visibleWhen: { field: 'decay', is: ['step'] },
  },
  factor: {
    type: 'number',
    label: 'Drop factor',
    default: 0.1,
    min: 0,
    max: 1,
    exclusiveMin: true,
    help: 'The learning rate is multiplied by this at every milestone.',
    visibleWhen: { field: 'decay', is: ['step'] },
  },
  warmupEpochs: {
    type: 'number',
    label: 'Warm-up',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'epochs',
    help: 'The learning rate rises linearly to its base value over this time. 5 epochs help large batches and deep networks.',
    paper: 'arXiv 1706.02677, Section 2.2',
  },
});

export type ScheduleValues = ValuesOf<typeof scheduleFields>;

/**
 * The learning rate of one step.
 *
 * Warm-up: base · (step + 1) / warm-up steps. Afterwards cosine runs over what remains,
 * base · ½(1 + cos(π · progress)), and milestones count from the start of the training.
 * @param base the method's learning rate
 * @param step 0-based
 */
export function learningRateAt(
  values: ScheduleValues,
  base: number,
  step: number,
  totalSteps: number,
  stepsPerEpoch: number,
): number {
  const warmupSteps = Math.round(values.warmupEpochs * stepsPerEpoch);
  if (step < warmupSteps) return (base * (step + 1)) / warmupSteps;
  switch (values.decay) {
    case 'constant':
      return base;
    case 'step': {
      const passed = values.milestones.filter((percent) => 100 * step >= percent * totalSteps).length;
      return base * values.factor ** passed;
    }
    case 'cosine':
      return (base / 2) * (1 + Math.cos((Math.PI * (step - warmupSteps)) / (totalSteps - warmupSteps)));
  }
}
