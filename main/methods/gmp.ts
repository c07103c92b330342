import { UserError } from '../../shared/errors.ts';
import { magnitude } from '../topology/scores.ts';
import { optimizerFields, optimizerRule } from './dense-optimizer.ts';
import { defineMethod, type Horizon } from './method.ts';
import { forecastPruning, pruneTo, pruningFields } from './pruning.ts';

interface Times {
  pruningStart: number;
  pruningEnd: number;
  pruningInterval: number;
}

/** First and last pruning step, t0 and t1. */
function window(values: Times, { totalSteps }: Horizon): [number, number] {
  const clamp = (step: number) => Math.min(step, totalSteps - 1);
  return [
    clamp(Math.round(values.pruningStart * totalSteps)),
    clamp(Math.round(values.pruningEnd * totalSteps)),
  ];
}

function prunesAt(values: Times, step: number, horizon: Horizon): boolean {
  const [start, end] = window(values, horizon);
  return step === end || (step >= start && step < end && (step - start) % values.pruningInterval === 0);
}

/** s_t = s_f (1 − (1 − (t − t0)/(t1 − t0))³), from 0 (arXiv 1710.01878, Equation 1). */
function densityAt(values: Times & { density: number }, step: number, horizon: Horizon): number {
  const [start, end] = window(values, horizon);
  const left = step >= end ? 0 : (end - step) / (end - start);
  return 1 - (1 - values.density) * (1 - left ** 3);
}

/** The schedule in pieces: dense until t0, the cubic fall, and the final density from t1. */
function scheduleOf(values: Times & { density: number }, horizon: Horizon) {
  const [start, end] = window(values, horizon);
  const total = horizon.totalSteps;
  const pieces = 24;
  const fall = Array.from({ length: pieces }, (_, i) => ({
    density: densityAt(values, start + ((i + 0.5) / pieces) * (end - start), horizon),
    share: (end - start) / pieces / total,
  }));
  return [
    { density: 1, share: start / total },
    ...fall,
    { density: values.density, share: (total - end) / total },
  ];
}

export const gmp = defineMethod({
  id: 'gmp',
  title: 'Gradual magnitude pruning',
  summary: 'Trains dense and prunes the smallest weights little by little along a cubic schedule.',
  paper: {
    title: 'To prune, or not to prune: exploring the efficacy of pruning for model compression',
    reference: 'Zhu, Gupta; 2017; arXiv 1710.01878',
  },
  taxonomy: { start: 'dense', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: {
    ...pruningFields,
    pruningStart: {
      type: 'number',
      label: 'Pruning starts',
      default: 0.1,
      min: 0,
      max: 1,
      exclusiveMax: true,
      help: 'As a share of the training. Later keeps more accuracy and costs more FLOPs.',
      paper: 'arXiv 1710.01878, Equation 1',
    },
    pruningEnd: {
      type: 'number',
      label: 'Pruning ends',
      default: 0.75,
      min: 0,
      max: 1,
      exclusiveMin: true,
      help: 'As a share of the training. What remains fine-tunes the final mask.',
      paper: 'arXiv 1710.01878, Equation 1',
    },
    pruningInterval: {
      type: 'integer',
      label: 'Pruning interval',
      default: 100,
      min: 1,
      max: 1000000,
      unit: 'steps',
      help: 'Steps between two prunings; the network recovers in between.',
      paper: 'arXiv 1710.01878, Equation 1',
    },
    ...optimizerFields,
  },
  check(values) {
    if (values.pruningStart >= values.pruningEnd) {
      throw new UserError(
        'bad-config',
        `method.pruningStart: ${values.pruningStart} is not before method.pruningEnd; ` +
          `accepted: less than ${values.pruningEnd}`,
        'method.pruningStart',
      );
    }
  },
  plan: (values, step, horizon) => {
    const [start, end] = window(values, horizon);
    const between = step < start ? 'dense' : step > end ? 'fine-tune' : 'sparse';
    return {
      gradients: 'support',
      batches: 1,
      phase: prunesAt(values, step, horizon) ? 'topology' : between,
    };
  },
  forecast: (values, layers, horizon) => forecastPruning(values, layers, scheduleOf(values, horizon)),
  init: async () => ({}),
  async step(context) {
    const { network, values, step, learningRate, gradientScale } = context;
    await network.applyUpdate(optimizerRule(values, learningRate), { scope: 'support', gradientScale });
    if (prunesAt(values, step, context)) {
      await pruneTo(context, densityAt(values, step, context), async ({ name }) =>
        magnitude(await network.read(name, 'value')),
      );
    }
  },
});
