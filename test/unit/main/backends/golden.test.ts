import { describe, expect, test } from 'vitest';
import type { Regularizer, UpdateRule } from '../../../../main/backends/backend.ts';
import { allBackends } from '../../../support/backends.ts';
import { expectClose } from '../../../support/close.ts';
import { golden } from '../../../support/golden.ts';
import { singleWeight } from '../../../support/graphs.ts';
import { weightsOf } from '../../../support/networks.ts';

interface Trajectory {
  optimizer: string;
  shape: number[];
  theta0: number[];
  gradients: number[][];
  theta: number[][];
}

interface BregmanTrajectory extends Trajectory {
  regularizer: 'none' | 'l1' | 'l1_positive' | 'group_rows' | 'group_kernels';
  lambda_: number;
  hyper: { lr: number; delta?: number; momentum?: number; betas?: [number, number]; eps?: number };
  dual: number[][];
}

const dense = golden<{ cases: Trajectory[] }>('dense-optimizers').cases;
const bregman = golden<{ cases: BregmanTrajectory[] }>('bregman').cases;

const sgd = { kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 } as const;
const adam = {
  kind: 'adam',
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decoupled: false,
} as const;

/** The hyperparameters that torch.optim was given. */
const denseRules: Record<string, UpdateRule> = {
  sgd,
  sgd_momentum_wd: { ...sgd, momentum: 0.9, weightDecay: 5e-4 },
  sgd_nesterov: { ...sgd, momentum: 0.9, nesterov: true },
  adam,
  adamw: { ...adam, weightDecay: 0.01, decoupled: true },
};

function bregmanRule({
  optimizer,
  regularizer: kind,
  lambda_: lambda,
  hyper,
}: BregmanTrajectory): UpdateRule {
  const regularizer = { kind: kind.replace('_', '-'), lambda } as Regularizer;
  const {
    lr: learningRate,
    delta = 1,
    momentum = 0,
    betas: [beta1, beta2] = [0, 0],
    eps: epsilon = 0,
  } = hyper;
  switch (optimizer) {
    case 'linbreg':
      return { kind: 'linbreg', learningRate, delta, momentum, regularizer };
    case 'adabreg':
      return { kind: 'adabreg', learningRate, delta, beta1, beta2, epsilon, regularizer };
    case 'proxsgd':
      return { kind: 'proxsgd', learningRate, regularizer };
    default:
      throw new Error(`bregman.json has an optimizer ${optimizer} that this test does not know`);
  }
}

/** v₀ = θ₀/δ + a subgradient of J at θ₀, as the published code starts. */
function initialDual({ theta0, shape, regularizer, lambda_, hyper }: BregmanTrajectory): Float32Array {
  const group =
    regularizer === 'group_rows' ? theta0.length / shape[0] : shape.slice(2).reduce((a, b) => a * b, 1);
  return Float32Array.from(theta0, (theta, i) => {
    let subgradient = 0;
    if (regularizer.startsWith('l1')) subgradient = lambda_ * Math.sign(theta);
    else if (regularizer.startsWith('group') && theta !== 0) {
      const from = i - (i % group);
      subgradient = (lambda_ * Math.sqrt(group) * theta) / Math.hypot(...theta0.slice(from, from + group));
    }
    return theta / (hyper.delta ?? 1) + subgradient;
  });
}

describe.each(allBackends())('$id', (backend) => {
  /** Relative to the tensor's scale; the recorded numbers and compiled backends are rounded at every operation. */
  const tolerance = 1e-6;

  async function network({ shape, theta0 }: Trajectory) {
    const graph = singleWeight(shape);
    const compiled = await backend.compile(graph, { maxBatch: 1, threads: 1, sparse: weightsOf(graph) });
    await compiled.write('layer.weight', 'value', Float32Array.from(theta0));
    return compiled;
  }

  test.each(dense)('$optimizer follows torch.optim', async (trajectory) => {
    const compiled = await network(trajectory);
    for (const [k, gradient] of trajectory.gradients.entries()) {
      await compiled.write('layer.weight', 'gradient', Float32Array.from(gradient));
      await compiled.applyUpdate(denseRules[trajectory.optimizer], { scope: 'all' });
      expectClose(
        await compiled.read('layer.weight', 'value'),
        trajectory.theta[k],
        tolerance,
        `θ after step ${k}`,
      );
    }
  });

  test.each(bregman)(
    '$optimizer with $regularizer on $shape follows the published code',
    async (trajectory) => {
      const compiled = await network(trajectory);
      const rule = bregmanRule(trajectory);
      const mirror = rule.kind !== 'proxsgd';
      if (mirror) await compiled.write('layer.weight', 'dual', initialDual(trajectory));
      for (const [k, gradient] of trajectory.gradients.entries()) {
        await compiled.write('layer.weight', 'gradient', Float32Array.from(gradient));
        await compiled.applyUpdate(rule, { scope: 'all' });
        const theta = await compiled.read('layer.weight', 'value');
        expectClose(theta, trajectory.theta[k], tolerance, `θ after step ${k}`);
        const support = (values: ArrayLike<number>) => Array.from(values, (v) => v !== 0);
        expect(support(theta), `support after step ${k}`).toEqual(support(trajectory.theta[k]));
        if (mirror) {
          expectClose(
            await compiled.read('layer.weight', 'dual'),
            trajectory.dual[k],
            tolerance,
            `v after step ${k}`,
          );
        }
      }
    },
  );
});
