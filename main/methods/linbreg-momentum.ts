import { adaptLambda } from './adaptive-lambda.ts';
import {
  bregmanFields,
  bregmanMetrics,
  checkBregman,
  forecastBregman,
  initBregman,
  linbregRule,
  momentumField,
  stepOnAll,
} from './bregman.ts';
import { defineMethod } from './method.ts';

export const linbregMomentum = defineMethod({
  id: 'linbreg-momentum',
  title: 'LinBreg with momentum',
  summary: 'LinBreg whose dual variable follows a moving average of the gradients.',
  paper: {
    title: 'A Bregman Learning Framework for Sparse Neural Networks',
    reference: 'Bungert, Roith, Tenbrinck, Burger; JMLR 23(192), 2022; arXiv 2105.04319',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: { ...bregmanFields, lambda: { ...bregmanFields.lambda, default: 0.2 }, ...momentumField },
  check: checkBregman,
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'sparse' }),
  forecast: forecastBregman,
  init: initBregman,
  async step(context) {
    await stepOnAll(context, linbregRule(context, context.values.momentum));
    adaptLambda(context, context.step);
  },
  metrics: bregmanMetrics,
});
