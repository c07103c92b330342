import { optimizerFields, optimizerRule } from './dense-optimizer.ts';
import { densityFields, forecastFixed, initMasks, layerDensitiesField } from './masks.ts';
import { defineMethod } from './method.ts';
import { countOnes } from '../topology/select.ts';

export const staticMask = defineMethod({
  id: 'static',
  title: 'Static random mask',
  summary: 'A random mask drawn once and kept: the baseline that every sparse method should beat.',
  paper: {
    title: 'The Unreasonable Effectiveness of Random Pruning',
    reference: 'Liu et al.; ICLR 2022; arXiv 2202.02643',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'static', structure: 'unstructured' },
  fields: {
    ...densityFields,
    ...layerDensitiesField,
    preserveVariance: {
      type: 'boolean',
      label: 'Preserve variance',
      default: false,
      help: 'Scales the initial weights of a layer of density d by 1/√d, so that activations start with their dense variance.',
      paper: 'arXiv 2105.04319',
    },
    ...optimizerFields,
  },
  plan: () => ({ gradients: 'support', batches: 1, phase: 'sparse' }),
  forecast: forecastFixed,
  async init(context) {
    const masks = await initMasks(context);
    if (context.values.preserveVariance && !context.warmStart) {
      for (const [name, mask] of masks) {
        const scale = Math.sqrt(mask.length / countOnes(mask));
        const values = await context.network.read(name, 'value');
        await context.network.write(
          name,
          'value',
          values.map((x) => x * scale),
        );
      }
    }
    return {};
  },
  async step({ network, values, learningRate, gradientScale }) {
    await network.applyUpdate(optimizerRule(values, learningRate), { scope: 'support', gradientScale });
  },
});
