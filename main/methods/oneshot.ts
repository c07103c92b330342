import { magnitude, randomScores } from '../topology/scores.ts';
import { optimizerFields, optimizerRule } from './dense-optimizer.ts';
import { defineMethod, type Horizon } from './method.ts';
import { forecastPruning, pruneTo, pruningFields } from './pruning.ts';

/** The step after whose weight update the network is pruned; the last one at the latest. */
const pruningStep = (values: { pruningTime: number }, { totalSteps }: Horizon) =>
  Math.min(Math.max(1, Math.round(values.pruningTime * totalSteps)), totalSteps) - 1;

export const oneshot = defineMethod({
  id: 'oneshot',
  title: 'Prune and fine-tune',
  summary: 'Trains dense, prunes once, and fine-tunes what is left under the fixed mask.',
  paper: {
    title: 'Learning both Weights and Connections for Efficient Neural Networks',
    reference: 'Han, Pool, Tran, Dally; NeurIPS 2015; arXiv 1506.02626',
  },
  taxonomy: { start: 'dense', end: 'sparse', topology: 'static', structure: 'unstructured' },
  fields: {
    ...pruningFields,
    score: {
      type: 'choice',
      label: 'Score',
      default: 'magnitude',
      options: [
        { value: 'magnitude', label: 'magnitude |w|' },
        { value: 'random', label: 'random (baseline)' },
      ],
      help: 'What decides which weights stay.',
      paper: 'arXiv 1506.02626, Section 3',
    },
    pruningTime: {
      type: 'number',
      label: 'Pruning time',
      default: 0.65,
      min: 0,
      max: 1,
      exclusiveMin: true,
      exclusiveMax: true,
      help: 'Share of the training before pruning; the rest fine-tunes. Later costs more FLOPs.',
    },
    ...optimizerFields,
  },
  plan: (values, step, horizon) => {
    const at = pruningStep(values, horizon);
    return {
      gradients: 'support',
      batches: 1,
      phase: step < at ? 'dense' : step === at ? 'topology' : 'fine-tune',
    };
  },
  forecast(values, layers, horizon) {
    const dense = (pruningStep(values, horizon) + 1) / horizon.totalSteps;
    return forecastPruning(values, layers, [
      { density: 1, share: dense },
      { density: values.density, share: 1 - dense },
    ]);
  },
  init: async () => ({}),
  async step(context) {
    const { network, values, step, learningRate, gradientScale, random } = context;
    await network.applyUpdate(optimizerRule(values, learningRate), { scope: 'support', gradientScale });
    if (step === pruningStep(values, context)) {
      await pruneTo(context, values.density, async ({ name, size }) =>
        values.score === 'magnitude'
          ? magnitude(await network.read(name, 'value'))
          : randomScores(size, random),
      );
    }
  },
});
