import { sgdFields, sgdRule } from './dense-optimizer.ts';
import { defineMethod } from './method.ts';

export const sgd = defineMethod({
  id: 'sgd',
  title: 'SGD',
  summary: 'Dense stochastic gradient descent with momentum: the baseline that FLOPs are measured against.',
  paper: {
    title: 'On the importance of initialization and momentum in deep learning',
    reference: 'Sutskever, Martens, Dahl, Hinton; ICML 2013',
  },
  taxonomy: { start: 'dense', end: 'dense', topology: 'none', structure: 'unstructured' },
  fields: sgdFields,
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'dense' }),
  init: async () => ({}),
  async step({ network, values, learningRate, gradientScale }) {
    await network.applyUpdate(sgdRule(values, learningRate), { scope: 'all', gradientScale });
  },
});
