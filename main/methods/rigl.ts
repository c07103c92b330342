import {
  dynamicFields,
  growByGradient,
  growthBatchesField,
  isTopologyUpdate,
  stepOnSupport,
  updateTopology,
} from './dynamic-sparse.ts';
import { forecastFixed, initMasks } from './masks.ts';
import { defineMethod } from './method.ts';

export const rigl = defineMethod({
  id: 'rigl',
  title: 'RigL',
  summary:
    'Drops the smallest weights and grows those with the largest gradients; dense gradients only then.',
  paper: {
    title: 'Rigging the Lottery: Making All Tickets Winners',
    reference: 'Evci, Gale, Menick, Castro, Elsen; ICML 2020; arXiv 1911.11134',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: { ...dynamicFields, ...growthBatchesField },
  plan: (values, step, horizon) =>
    isTopologyUpdate(values, step, horizon)
      ? { gradients: 'dense', batches: values.growthBatches, phase: 'topology' }
      : { gradients: 'support', batches: 1, phase: 'sparse' },
  forecast: forecastFixed,
  async init(context) {
    await initMasks(context);
    return {};
  },
  /** A topology update takes the place of the weight update. */
  async step(context) {
    if (isTopologyUpdate(context.values, context.step, context))
      await updateTopology(context, growByGradient);
    else await stepOnSupport(context);
  },
});
