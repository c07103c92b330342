import { UserError } from '../../shared/errors.ts';
import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { MethodContext } from './method.ts';

const paper = 'arXiv 2605.07892';
const whenAdaptive = { field: 'adaptive', is: [true] } as const;

/** Steers λ to a sparsity instead of leaving it to be tuned. */
export const adaptiveLambdaFields = defineFields({
  adaptive: {
    type: 'boolean',
    label: 'Adaptive λ',
    default: false,
    help: 'Steers λ towards a target sparsity during training; λ above is only where it starts.',
    paper,
  },
  targetSparsity: {
    type: 'number',
    label: 'Target sparsity',
    default: 0.9,
    min: 0,
    max: 1,
    exclusiveMin: true,
    exclusiveMax: true,
    help: 'Share of zero weights to steer to, over all weights that may become sparse.',
    visibleWhen: whenAdaptive,
  },
  adaptiveGain: {
    type: 'number',
    label: 'Gain a',
    default: 1,
    min: 0,
    max: 100,
    exclusiveMin: true,
    help: 'λ changes by the factor 1 + a |s − s*|. Raise it if the run is too short to reach the target.',
    paper,
    visibleWhen: whenAdaptive,
  },
  adaptiveInterval: {
    type: 'integer',
    label: 'Update interval',
    default: 20,
    min: 1,
    max: 1000000,
    unit: 'steps',
    help: 'Steps between two changes of λ.',
    paper,
    visibleWhen: whenAdaptive,
  },
  lambdaMin: {
    type: 'number',
    label: 'λ, lower bound',
    default: 1e-6,
    min: 0,
    max: 1e3,
    exclusiveMin: true,
    scale: 'log',
    help: 'λ never falls below this.',
    visibleWhen: whenAdaptive,
  },
  lambdaMax: {
    type: 'number',
    label: 'λ, upper bound',
    default: 10,
    min: 0,
    max: 1e3,
    exclusiveMin: true,
    scale: 'log',
    help: 'λ never rises above this.',
    visibleWhen: whenAdaptive,
  },
});

export type AdaptiveLambdaValues = ValuesOf<typeof adaptiveLambdaFields>;

/** @throws UserError where λ could not move or its bounds exclude each other */
export function checkAdaptiveLambda(values: AdaptiveLambdaValues & { lambda: number }): void {
  if (!values.adaptive) return;
  if (values.lambdaMin > values.lambdaMax) {
    throw new UserError(
      'bad-config',
      `method.lambdaMin: ${values.lambdaMin} is above method.lambdaMax, ${values.lambdaMax}; accepted: at most that`,
      'method.lambdaMin',
    );
  }
  if (values.lambda < values.lambdaMin || values.lambda > values.lambdaMax) {
    throw new UserError(
      'bad-config',
      `method.lambda: ${values.lambda} is outside the bounds of adaptive λ; ` +
        `accepted: ${values.lambdaMin} to ${values.lambdaMax}`,
      'method.lambda',
    );
  }
}

/**
 * λ ← λ (1 + a|s − s*|) while sparsity s is below its target s*, λ / (1 + a|s − s*|) while above, within the bounds.
 * The dual variable stays as it is: the next prox applies the new λ, so zeros keep their memory.
 * @param update 0-based count of the steps at which the support may change
 */
export function adaptLambda(
  context: Pick<
    MethodContext<AdaptiveLambdaValues, { lambda: number }>,
    'network' | 'sparse' | 'values' | 'state'
  >,
  update: number,
): void {
  const { network, sparse, values, state } = context;
  if (!values.adaptive || (update + 1) % values.adaptiveInterval !== 0) return;
  const size = sparse.reduce((sum, p) => sum + p.size, 0);
  const active = sparse.reduce((sum, p) => sum + network.activeCount(p.name), 0);
  const gap = values.targetSparsity - (1 - active / size);
  const factor = 1 + values.adaptiveGain * Math.abs(gap);
  const moved = gap > 0 ? state.lambda * factor : state.lambda / factor;
  state.lambda = Math.min(values.lambdaMax, Math.max(values.lambdaMin, moved));
}
