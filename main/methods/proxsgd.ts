import { defineMethod } from './method.ts';
import { regularizerFields, regularizerOf } from './regularizer.ts';

export const proxsgd = defineMethod({
  id: 'proxsgd',
  title: 'ProxSGD',
  summary:
    'Stochastic proximal gradient: dense at first, every step shrinks weights and sets small ones to 0.',
  paper: {
    title: 'Efficient Online and Batch Learning Using Forward Backward Splitting',
    reference: 'Duchi, Singer; JMLR 10, 2009; as compared with in arXiv 2105.04319',
  },
  taxonomy: { start: 'dense', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: {
    learningRate: {
      type: 'number',
      label: 'Learning rate τ',
      default: 0.3,
      min: 0,
      max: 100,
      exclusiveMin: true,
      scale: 'log',
      help: 'Step size; the threshold of every step is τλ. Halve it when the loss jumps.',
    },
    ...regularizerFields,
    lambda: {
      ...regularizerFields.lambda,
      default: 3e-4,
      help: 'Strength of the regulariser, about 1/1000 of what LinBreg needs: it acts in every step. Larger is sparser.',
    },
  },
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'sparse' }),
  forecast: (values, layers) => {
    const dense = layers.map(() => 1);
    return {
      start: dense,
      end: dense,
      average: dense,
      assumption: `The density is an outcome of λ = ${values.lambda}. Assumed to stay dense: an upper bound.`,
    };
  },
  init: async () => ({}),
  async step({ network, values, learningRate, gradientScale }) {
    const regularizer = regularizerOf(values, values.lambda);
    await network.applyUpdate(
      { kind: 'proxsgd', learningRate, regularizer },
      { scope: 'all', gradientScale, reselect: true },
    );
  },
});
