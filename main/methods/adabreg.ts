import { adaptLambda } from './adaptive-lambda.ts';
import {
  adabregFields,
  adabregRule,
  bregmanFields,
  bregmanMetrics,
  checkBregman,
  forecastBregman,
  initBregman,
  stepOnAll,
} from './bregman.ts';
import { defineMethod } from './method.ts';

export const adabreg = defineMethod({
  id: 'adabreg',
  title: 'AdaBreg',
  summary: "LinBreg with Adam's per-weight step sizes on the dual variable.",
  paper: {
    title: 'A Bregman Learning Framework for Sparse Neural Networks',
    reference: 'Bungert, Roith, Tenbrinck, Burger; JMLR 23(192), 2022; arXiv 2105.04319',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: {
    ...bregmanFields,
    learningRate: { ...bregmanFields.learningRate, default: 0.001 },
    lambda: { ...bregmanFields.lambda, default: 0.3 },
    ...adabregFields,
  },
  check: checkBregman,
  plan: () => ({ gradients: 'dense', batches: 1, phase: 'sparse' }),
  forecast: forecastBregman,
  init: initBregman,
  async step(context) {
    await stepOnAll(context, adabregRule(context));
    adaptLambda(context, context.step);
  },
  metrics: bregmanMetrics,
});
