import {
  bregmanFields,
  bregmanMetrics,
  checkBregman,
  forecastBregman,
  initBregman,
  linbregRule,
  momentumField,
} from './bregman.ts';
import { defineMethod } from './method.ts';
import { multilevelFields, multilevelPlan, multilevelStep, reselectAtEnd } from './multilevel.ts';

export const mlLinbreg = defineMethod({
  id: 'ml-linbreg',
  title: 'ML-LinBreg',
  summary:
    'Multilevel mirror descent: one LinBreg step on all weights, then m cheap ones on the support alone.',
  paper: {
    title: 'Sparse Training of Neural Networks based on Multilevel Mirror Descent',
    reference: 'Lunk, Scott, Bungert; 2026; arXiv 2602.03535',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: {
    ...bregmanFields,
    ...multilevelFields,
    momentum: { ...momentumField.momentum, default: 0 },
  },
  check: checkBregman,
  plan: multilevelPlan,
  forecast: forecastBregman,
  init: initBregman,
  step: (context) => multilevelStep(context, linbregRule(context, context.values.momentum)),
  finish: reselectAtEnd,
  metrics: bregmanMetrics,
});
