import { adaptLambda } from './adaptive-lambda.ts';
import {
  bregmanFields,
  bregmanMetrics,
  checkBregman,
  forecastBregman,
  initBregman,
  linbregRule,
  stepOnAll,
} from './bregman.ts';
import { defineMethod } from './method.ts';

export const linbreg = defineMethod({
  id: 'linbreg',
  title: 'LinBreg',
  summary: 'Linearised Bregman iterations: starts sparse, weights wake up once their gradients add up to λ.',
  paper: {
    title: 'A Bregman Learning Framework for Sparse Neural Networks',
    reference: 'Bungert, Roith, Tenbrinck, Burger; JMLR 23(192), 2022; arXiv 2105.04319',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: { ...bregmanFields, lambda: { ...bregmanFields.lambda, default: 0.2 } },
  check: checkBregman,
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'sparse' }),
  forecast: forecastBregman,
  init: initBregman,
  async step(context) {
    await stepOnAll(context, linbregRule(context, 0));
    adaptLambda(context, context.step);
  },
  metrics: bregmanMetrics,
});
