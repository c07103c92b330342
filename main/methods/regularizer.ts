import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { ParameterInfo, Regularizer } from '../backends/backend.ts';

/** The choice of J, shared by mirror-descent and proximal methods. */
export const regularizerFields = defineFields({
  lambda: {
    type: 'number',
    label: 'λ',
    default: 0.01,
    min: 0,
    max: 1e3,
    scale: 'log',
    help: 'Strength of the regulariser: larger is sparser. 0 turns it off.',
    paper: 'arXiv 2105.04319',
  },
  regularizer: {
    type: 'choice',
    label: 'Regulariser J',
    default: 'l1',
    options: [
      { value: 'l1', label: 'ℓ1: single weights' },
      { value: 'l1-positive', label: 'ℓ1, weights ≥ 0' },
      { value: 'group-rows', label: 'group ℓ1,2: neurons and filters' },
      { value: 'group-kernels', label: 'group ℓ1,2: convolution kernels' },
      { value: 'l1-group', label: 'ℓ1 + group ℓ1,2' },
    ],
    help: 'What becomes zero together. Groups remove whole neurons, filters or kernels and cost more accuracy per weight.',
    paper: 'arXiv 2105.04319',
  },
  groupRatio: {
    type: 'number',
    label: 'Group share',
    default: 1,
    min: 0,
    max: 100,
    help: 'λ of the group norm as a multiple of λ of the ℓ1 norm.',
    visibleWhen: { field: 'regularizer', is: ['l1-group'] },
  },
});

export type RegularizerValues = ValuesOf<typeof regularizerFields>;

/** J at strength λ (which may differ from the field once it adapts). */
export function regularizerOf(values: RegularizerValues, lambda: number): Regularizer {
  return values.regularizer === 'l1-group'
    ? { kind: 'l1-group', lambda, groupLambda: lambda * values.groupRatio }
    : { kind: values.regularizer, lambda };
}

/**
 * The least element of ∂J(θ): λ sign(θ_i) for ℓ1 and λ√|g| θ_g/‖θ_g‖ for groups, 0 where θ is 0.
 * With v = θ/δ + this, prox_{δJ}(δv) = θ, which is how a dual variable starts (arXiv 2105.04319).
 */
export function subgradient(
  regularizer: Regularizer,
  theta: Float32Array,
  parameter: Pick<ParameterInfo, 'shape'>,
): Float32Array {
  switch (regularizer.kind) {
    case 'none':
      return new Float32Array(theta.length);
    case 'l1':
    case 'l1-positive':
      return theta.map((x) => regularizer.lambda * Math.sign(x));
    case 'group-rows':
      return groupSubgradient(regularizer.lambda, theta, rowLength(parameter));
    case 'group-kernels':
      return groupSubgradient(regularizer.lambda, theta, kernelLength(parameter));
    case 'l1-group': {
      const group = groupSubgradient(regularizer.groupLambda, theta, kernelLength(parameter));
      return theta.map((x, i) => regularizer.lambda * Math.sign(x) + group[i]);
    }
  }
}

/** Groups are contiguous: a row of a linear layer, a filter of a convolution ... */
const rowLength = ({ shape }: Pick<ParameterInfo, 'shape'>) => shape.slice(1).reduce((a, b) => a * b, 1);
/** ... or one kernel of it; a linear layer has no kernels, its rows stand in. */
const kernelLength = ({ shape }: Pick<ParameterInfo, 'shape'>) =>
  shape.length === 4 ? shape[2] * shape[3] : rowLength({ shape });

function groupSubgradient(lambda: number, theta: Float32Array, length: number): Float32Array {
  const result = new Float32Array(theta.length);
  for (let start = 0; start < theta.length; start += length) {
    let squares = 0;
    for (let i = start; i < start + length; i++) squares += theta[i] ** 2;
    if (squares === 0) continue;
    const scale = (lambda * Math.sqrt(length)) / Math.sqrt(squares);
    for (let i = start; i < start + length; i++) result[i] = scale * theta[i];
  }
  return result;
}
