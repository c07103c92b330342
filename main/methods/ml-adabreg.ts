import {
  adabregFields,
  adabregRule,
  bregmanFields,
  bregmanMetrics,
  checkBregman,
  forecastBregman,
  initBregman,
} from './bregman.ts';
import { defineMethod } from './method.ts';
import { multilevelFields, multilevelPlan, multilevelStep, reselectAtEnd } from './multilevel.ts';

/** Ours: the moments and update counts of a frozen coordinate stop with it and resume at the next fine step. */
export const mlAdabreg = defineMethod({
  id: 'ml-adabreg',
  title: 'ML-AdaBreg',
  summary: 'The multilevel scheme of ML-LinBreg around AdaBreg steps; moments move only where weights do.',
  paper: {
    title: 'Sparse Training of Neural Networks based on Multilevel Mirror Descent',
    reference: 'extension of arXiv 2602.03535 by the AdaBreg step of arXiv 2105.04319',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  extension: true,
  fields: {
    ...bregmanFields,
    learningRate: { ...bregmanFields.learningRate, default: 0.001 },
    lambda: { ...bregmanFields.lambda, default: 0.008 },
    ...adabregFields,
    ...multilevelFields,
  },
  check: checkBregman,
  plan: multilevelPlan,
  forecast: forecastBregman,
  init: initBregman,
  step: (context) => multilevelStep(context, adabregRule(context)),
  finish: reselectAtEnd,
  metrics: bregmanMetrics,
});
