import type { Regularizer, UpdateRule } from '../../main/backends/backend.ts';

export const l1 = { kind: 'l1', lambda: 0.05 } as const;

export const regularizers: readonly Regularizer[] = [
  { kind: 'none' },
  l1,
  { kind: 'l1-positive', lambda: 0.05 },
  { kind: 'group-rows', lambda: 0.05 },
  { kind: 'group-kernels', lambda: 0.05 },
  { kind: 'l1-group', lambda: 0.02, groupLambda: 0.04 },
];

const sgd = { kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 } as const;
const moments = { beta1: 0.8, beta2: 0.95, epsilon: 1e-8 };
const adam = { kind: 'adam', learningRate: 0.02, ...moments, weightDecay: 0.01, decoupled: false } as const;

/** Rules without a regulariser, each option once. */
export const plainRules: Readonly<Record<string, UpdateRule>> = {
  sgd,
  'sgd with momentum and weight decay': { ...sgd, momentum: 0.9, weightDecay: 0.01 },
  'sgd with Nesterov momentum': { ...sgd, momentum: 0.9, nesterov: true },
  adam,
  adamw: { ...adam, decoupled: true },
};

/** The rules that take J, with a δ that is not 1. */
export function regularizedRules(regularizer: Regularizer): Readonly<Record<string, UpdateRule>> {
  const linbreg = { kind: 'linbreg', learningRate: 0.2, delta: 0.5, momentum: 0, regularizer } as const;
  return {
    proxsgd: { kind: 'proxsgd', learningRate: 0.2, regularizer },
    linbreg,
    'linbreg with momentum': { ...linbreg, momentum: 0.9 },
    // Its first step moves every dual by the learning rate, which therefore must differ from λ.
    adabreg: { kind: 'adabreg', learningRate: 0.08, delta: 2, ...moments, regularizer },
  };
}
