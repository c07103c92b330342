import { addToUnion } from '../topology/statistics.ts';
import {
  dynamicFields,
  growAtRandom,
  growByGradient,
  growthBatchesField,
  isTopologyUpdate,
  stepOnSupport,
  updateTopology,
} from './dynamic-sparse.ts';
import { forecastFixed, initMasks } from './masks.ts';
import { defineMethod } from './method.ts';

type ExplorationState = {
  /** Union of all masks so far, per layer. */
  explored: { [name: string]: Uint8Array };
  exploredCount: number;
  size: number;
};

function explore(state: ExplorationState, masks: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, mask] of masks) state.exploredCount += addToUnion(state.explored[name], mask);
}

export const riglItop = defineMethod({
  id: 'rigl-itop',
  title: 'RigL-ITOP',
  summary:
    'Rarer, larger mask updates over the whole training, so that most weights get their turn reliably.',
  paper: {
    title:
      'Do We Actually Need Dense Over-Parameterization? In-Time Over-Parameterization in Sparse Training',
    reference: 'Liu, Yin, Mocanu, Pechenizkiy; ICML 2021; arXiv 2102.02887',
  },
  taxonomy: { start: 'sparse', end: 'sparse', topology: 'dynamic', structure: 'unstructured' },
  fields: {
    ...dynamicFields,
    growth: {
      type: 'choice',
      label: 'Growth',
      default: 'gradient',
      options: [
        { value: 'gradient', label: 'largest gradients (RigL-ITOP)' },
        { value: 'random', label: 'at random (SET-ITOP)' },
      ],
      help: 'Random growth explores more and needs no dense gradient.',
      paper: 'arXiv 2102.02887',
    },
    updateInterval: {
      ...dynamicFields.updateInterval,
      default: 1500,
      help: 'Steps between two changes of the masks. Published at batch 128 on CIFAR-10: 1500 for SET, 4000 for RigL.',
      paper: 'arXiv 2102.02887',
    },
    dropFraction: { ...dynamicFields.dropFraction, default: 0.5, paper: 'arXiv 2102.02887' },
    updateEnd: { ...dynamicFields.updateEnd, default: 1, paper: 'arXiv 2102.02887' },
    growthBatches: {
      ...growthBatchesField.growthBatches,
      visibleWhen: { field: 'growth', is: ['gradient'] },
    },
  },
  plan: (values, step, horizon) => {
    if (!isTopologyUpdate(values, step, horizon))
      return { gradients: 'support', batches: 1, phase: 'sparse' };
    return values.growth === 'gradient'
      ? { gradients: 'dense', batches: values.growthBatches, phase: 'topology' }
      : { gradients: 'support', batches: 1, phase: 'topology' };
  },
  forecast: forecastFixed,
  async init(context): Promise<ExplorationState> {
    const masks = await initMasks(context);
    const explored = Object.fromEntries(context.sparse.map(({ name, size }) => [name, new Uint8Array(size)]));
    const state = { explored, exploredCount: 0, size: context.sparse.reduce((sum, p) => sum + p.size, 0) };
    explore(state, masks);
    return state;
  },
  /** As RigL, a gradient-grown update takes the place of the weight update; as SET, a random one follows it. */
  async step(context) {
    const { values, state, step } = context;
    const update = isTopologyUpdate(values, step, context);
    if (!update || values.growth === 'random') await stepOnSupport(context);
    if (update) {
      explore(
        state,
        await updateTopology(context, values.growth === 'gradient' ? growByGradient : growAtRandom),
      );
    }
  },
  /** R = Σ|∪ support| / Σn, the in-time over-parameterisation rate. */
  metrics: (_values, state) => ({ itopRate: state.exploredCount / state.size }),
});
