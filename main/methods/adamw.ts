import { adamFields, adamRule } from './dense-optimizer.ts';
import { defineMethod } from './method.ts';

export const adamw = defineMethod({
  id: 'adamw',
  title: 'AdamW',
  summary: 'Adam with weight decay apart from the gradient.',
  paper: {
    title: 'Decoupled Weight Decay Regularization',
    reference: 'Loshchilov, Hutter; ICLR 2019; arXiv 1711.05101',
  },
  taxonomy: { start: 'dense', end: 'dense', topology: 'none', structure: 'unstructured' },
  fields: { ...adamFields, weightDecay: { ...adamFields.weightDecay, default: 0.01 } },
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'dense' }),
  init: async () => ({}),
  async step({ network, values, learningRate, gradientScale }) {
    await network.applyUpdate(adamRule(values, learningRate, true), { scope: 'all', gradientScale });
  },
});
