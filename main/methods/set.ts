import {
  dynamicFields,
  growAtRandom,
  isTopologyUpdate,
  stepOnSupport,
  updateTopology,
} from './dynamic-sparse.ts';
import { forecastFixed, initMasks } from './masks.ts';
import { defineMethod } from './method.ts';

export const set = defineMethod({
  id: 'set',
  title: 'SET',
  summary: 'Sparse evolutionary training: drops the smallest weights and grows others at random.',
  paper: {
    title:
      'Scalable training of artificial neural networks with adaptive sparse connectivity inspired by network science',
    reference: 'Mocanu et al.; Nature Communications 9, 2018; arXiv 1707.04780',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: dynamicFields,
  plan: (values, step, horizon) => ({
    gradients: 'support',
    batches: 1,
    phase: isTopologyUpdate(values, step, horizon) ? 'topology' : 'sparse',
  }),
  forecast: forecastFixed,
  async init(context) {
    await initMasks(context);
    return {};
  },
  async step(context) {
    await stepOnSupport(context);
    if (isTopologyUpdate(context.values, context.step, context)) await updateTopology(context, growAtRandom);
  },
});
