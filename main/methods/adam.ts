import { adamFields, adamRule } from './dense-optimizer.ts';
import { defineMethod } from './method.ts';

export const adam = defineMethod({
  id: 'adam',
  title: 'Adam',
  summary: 'Dense training with per-weight step sizes.',
  paper: {
    title: 'Adam: A Method for Stochastic Optimization',
    reference: 'Kingma, Ba; ICLR 2015; arXiv 1412.6980',
  },
  taxonomy: { start: 'dense', end: 'dense', topology: 'none', structure: 'unstructured' },
  fields: adamFields,
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'dense' }),
  init: async () => ({}),
  async step({ network, values, learningRate, gradientScale }) {
    await network.applyUpdate(adamRule(values, learningRate, false), { scope: 'all', gradientScale });
  },
});
