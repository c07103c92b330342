import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { UpdateRule } from '../backends/backend.ts';
import { layerDensities, type DistributionLayer } from '../topology/distribution.ts';
import { adaptiveLambdaFields, checkAdaptiveLambda } from './adaptive-lambda.ts';
import { adamFields } from './dense-optimizer.ts';
import { distributionLayers } from './masks.ts';
import type { DensityForecast, MethodContext } from './method.ts';
import { regularizerFields, regularizerOf, subgradient } from './regularizer.ts';

/**
 * What the Bregman (mirror-descent) methods share: min L(θ) + J(θ) with the dual variable v ∈ ∂J_δ(θ),
 * J_δ = ‖θ‖²/(2δ) + J. They start sparse and grow (inverse scale space).
 */
export const bregmanFields = defineFields({
  learningRate: {
    type: 'number',
    label: 'Learning rate τ',
    default: 0.3,
    min: 0,
    max: 100,
    exclusiveMin: true,
    scale: 'log',
    help: 'Step size on the dual variable. Larger also lets more weights wake up; above about 1 training diverges.',
    paper: 'arXiv 2105.04319',
  },
  ...regularizerFields,
  delta: {
    type: 'number',
    label: 'δ',
    default: 1,
    min: 0,
    max: 1e3,
    exclusiveMin: true,
    scale: 'log',
    help: 'Weight of the quadratic part of J_δ; acts like a factor on the learning rate. 1 is usual.',
    paper: 'arXiv 2105.04319',
  },
  initialDensity: {
    type: 'number',
    label: 'Initial density ρ',
    default: 0.05,
    min: 0,
    max: 1,
    exclusiveMin: true,
    help: 'Share of weights that start non-zero. Start below the density you aim at and let it grow; 0.01 to 0.1.',
    paper: 'arXiv 2105.04319',
  },
  gain: {
    type: 'number',
    label: 'Initial gain',
    default: 0.7,
    min: 0,
    max: 100,
    exclusiveMin: true,
    help: 'The initial weights that stay are scaled by gain/√ρ so that activations keep their variance.',
    paper: 'arXiv 2105.04319',
  },
  initialDistribution: {
    type: 'choice',
    label: 'Initial distribution',
    default: 'uniform',
    options: [
      { value: 'uniform', label: 'uniform' },
      { value: 'er', label: 'Erdős–Rényi' },
      { value: 'erk', label: 'Erdős–Rényi kernel' },
    ],
    help: 'How the initial density is spread over the layers. Erdős–Rényi helps at very high sparsity.',
  },
  ...adaptiveLambdaFields,
});

export type BregmanValues = ValuesOf<typeof bregmanFields>;
export type BregmanState = { lambda: number };
export type BregmanContext = MethodContext<BregmanValues, BregmanState>;

/** β of the momentum variant. */
export const momentumField = defineFields({
  momentum: {
    type: 'number',
    label: 'Momentum β',
    default: 0.9,
    min: 0,
    max: 1,
    exclusiveMax: true,
    help: 'u ← βu + (1 − β)τg and v ← v − u. 0 turns it off.',
    paper: 'arXiv 2105.04319',
  },
});

/** Adam's constants, applied to the dual variable by the AdaBreg methods (arXiv 2105.04319). */
export const adabregFields = defineFields({
  beta1: adamFields.beta1,
  beta2: adamFields.beta2,
  epsilon: adamFields.epsilon,
});

/** The density that λ leads to is an outcome of training, so the one before it is assumed throughout. */
export function forecastBregman(
  values: BregmanValues,
  layers: readonly DistributionLayer[],
): DensityForecast {
  const start = layerDensities(values.initialDistribution, values.initialDensity, layers);
  if (values.adaptive) {
    const target = layers.map(() => 1 - values.targetSparsity);
    return {
      start,
      end: target,
      average: target,
      assumption:
        `Adaptive λ steers the network to ${percent(1 - values.targetSparsity)} density; assumed throughout and the same ` +
        'in every layer.',
    };
  }
  return {
    start,
    end: start,
    average: start,
    assumption:
      `The density is an outcome of λ = ${values.lambda}. Assumed to stay at the initial ` +
      `${percent(values.initialDensity)}; a smaller λ lets it grow further.`,
  };
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

export function checkBregman(values: BregmanValues): void {
  checkAdaptiveLambda(values);
}

/**
 * Sparse start from the dense Kaiming weights θ0 in the network: each weight stays with probability ρ_l and is
 * scaled by gain/√ρ_l, A ← support, v ← θ/δ + ∂J(θ). Biases and normalisation are left alone (J = 0).
 * Under `l1-positive` the start takes |θ0|, the only signs that its prox can keep. A warm start keeps θ0 as it is.
 */
export async function initBregman(
  context: Pick<BregmanContext, 'network' | 'sparse' | 'random' | 'values' | 'warmStart'>,
): Promise<BregmanState> {
  const { network, sparse, random, values, warmStart } = context;
  const layers = distributionLayers(network, sparse);
  const densities = layerDensities(values.initialDistribution, values.initialDensity, layers);
  const regularizer = regularizerOf(values, values.lambda);
  for (const [l, parameter] of sparse.entries()) {
    const dense = await network.read(parameter.name, 'value');
    const scale = warmStart ? 1 : values.gain / Math.sqrt(densities[l]);
    const mask = Uint8Array.from(dense, (x) => Number(warmStart ? x !== 0 : random.uniform() < densities[l]));
    const theta = dense.map(
      (x, i) => mask[i] * scale * (regularizer.kind === 'l1-positive' ? Math.abs(x) : x),
    );
    const slope = subgradient(regularizer, theta, parameter);
    await network.writeMask(parameter.name, mask);
    await network.write(parameter.name, 'value', theta);
    await network.write(
      parameter.name,
      'dual',
      theta.map((x, i) => x / values.delta + slope[i]),
    );
  }
  return { lambda: values.lambda };
}

/** LinBreg, with momentum β where it is not 0. */
export function linbregRule(context: BregmanContext, momentum: number): UpdateRule {
  const { values, state, learningRate } = context;
  const regularizer = regularizerOf(values, state.lambda);
  return { kind: 'linbreg', learningRate, delta: values.delta, momentum, regularizer };
}

export function adabregRule(
  context: MethodContext<BregmanValues & ValuesOf<typeof adabregFields>, BregmanState>,
): UpdateRule {
  const { values, state, learningRate } = context;
  const { delta, beta1, beta2, epsilon } = values;
  return {
    kind: 'adabreg',
    learningRate,
    delta,
    beta1,
    beta2,
    epsilon,
    regularizer: regularizerOf(values, state.lambda),
  };
}

/** One step of a single-level method: every coordinate moves, then A ← (θ ≠ 0). */
export async function stepOnAll(context: BregmanContext, rule: UpdateRule): Promise<void> {
  const { network, gradientScale } = context;
  await network.applyUpdate(rule, { scope: 'all', gradientScale, reselect: true });
}

export const bregmanMetrics = (_values: BregmanValues, state: BregmanState) => ({ lambda: state.lambda });
