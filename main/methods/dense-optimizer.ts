import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { UpdateRule } from '../backends/backend.ts';

const learningRate = {
  type: 'number',
  label: 'Learning rate τ',
  default: 0.1,
  min: 0,
  max: 100,
  exclusiveMin: true,
  scale: 'log',
  help: 'Step size. Halve it when the loss jumps; 0.3 suits a small MLP without momentum.',
} as const;

const weightDecay = {
  type: 'number',
  label: 'Weight decay',
  default: 5e-4,
  min: 0,
  max: 1,
  scale: 'log',
  help: 'Pulls weights towards 0. 5e-4 is usual for image networks; 0 for small ones.',
} as const;

export const sgdFields = defineFields({
  learningRate,
  momentum: {
    type: 'number',
    label: 'Momentum μ',
    default: 0.9,
    min: 0,
    max: 1,
    exclusiveMax: true,
    help: 'u ← μu + g. 0 is plain SGD, which wants a larger learning rate.',
  },
  nesterov: {
    type: 'boolean',
    label: 'Nesterov',
    default: false,
    help: 'Steps along g + μu instead of u.',
  },
  weightDecay,
});

export const adamFields = defineFields({
  learningRate: {
    ...learningRate,
    default: 0.001,
    help: 'Step size. 0.001 suits most networks; lower it when the loss jumps.',
    paper: 'arXiv 1412.6980, Algorithm 1',
  },
  beta1: {
    type: 'number',
    label: 'β₁',
    default: 0.9,
    min: 0,
    max: 1,
    exclusiveMax: true,
    help: 'Decay of the mean of past gradients.',
    paper: 'arXiv 1412.6980, Algorithm 1',
  },
  beta2: {
    type: 'number',
    label: 'β₂',
    default: 0.999,
    min: 0,
    max: 1,
    exclusiveMax: true,
    help: 'Decay of the mean of past squared gradients. Lower it when gradients change quickly.',
    paper: 'arXiv 1412.6980, Algorithm 1',
  },
  epsilon: {
    type: 'number',
    label: 'ε',
    default: 1e-8,
    min: 0,
    max: 1,
    exclusiveMin: true,
    scale: 'log',
    help: 'Keeps the division by the root of the second moment finite.',
  },
  weightDecay: { ...weightDecay, default: 0 },
});

const whenSgd = { field: 'optimizer', is: ['sgd'] } as const;
const whenAdam = { field: 'optimizer', is: ['adam', 'adamw'] } as const;

/** The weight update of the methods that work with masks: any of the dense optimisers, on the support. */
export const optimizerFields = defineFields({
  optimizer: {
    type: 'choice',
    label: 'Optimiser',
    default: 'sgd',
    options: [
      { value: 'sgd', label: 'SGD' },
      { value: 'adam', label: 'Adam' },
      { value: 'adamw', label: 'AdamW' },
    ],
    help: 'How active weights move. The published results use SGD with momentum.',
  },
  learningRate: {
    ...learningRate,
    help: 'Step size: 0.1 for SGD with momentum, 0.3 without, 0.001 for Adam and AdamW.',
  },
  momentum: { ...sgdFields.momentum, visibleWhen: whenSgd },
  nesterov: { ...sgdFields.nesterov, visibleWhen: whenSgd },
  beta1: { ...adamFields.beta1, visibleWhen: whenAdam },
  beta2: { ...adamFields.beta2, visibleWhen: whenAdam },
  epsilon: { ...adamFields.epsilon, visibleWhen: whenAdam },
  weightDecay,
});

export type OptimizerValues = ValuesOf<typeof optimizerFields>;

export function sgdRule(values: ValuesOf<typeof sgdFields>, learningRate: number): UpdateRule {
  const { momentum, nesterov, weightDecay } = values;
  return { kind: 'sgd', learningRate, momentum, nesterov, weightDecay };
}

/** @param decoupled AdamW's weight decay instead of an ℓ2 term in the gradient */
export function adamRule(
  values: ValuesOf<typeof adamFields>,
  learningRate: number,
  decoupled: boolean,
): UpdateRule {
  const { beta1, beta2, epsilon, weightDecay } = values;
  return { kind: 'adam', learningRate, beta1, beta2, epsilon, weightDecay, decoupled };
}

export function optimizerRule(values: OptimizerValues, learningRate: number): UpdateRule {
  return values.optimizer === 'sgd'
    ? sgdRule(values, learningRate)
    : adamRule(values, learningRate, values.optimizer === 'adamw');
}
