import type { Random } from '../../shared/random.ts';
import type { Network, ParameterInfo } from '../backends/backend.ts';

/** Distribution of initial weights. */
export type Initialization = 'kaiming' | 'uniform';

/**
 * Writes dense initial values into every parameter. Weights: `kaiming` draws from a normal distribution with
 * std = √(2 / fan-in), which keeps the variance through ReLU (arXiv 1502.01852, equation 10); `uniform` from
 * ±1/√fan-in, PyTorch's default for linear and convolution layers. Biases: uniform in ±1/√fan-in, with `kaiming` in
 * (0, 1/√fan-in) as in the published LinBreg experiments, so that units with few inputs start alive. Batch norm: γ = 1,
 * β = 0. Numbers are drawn in the order of `network.parameters`, so that one seed gives every backend the same network.
 */
export async function initialize(
  network: Network,
  random: Random,
  initialization: Initialization,
): Promise<void> {
  for (const parameter of network.parameters) {
    const draw = initializer(parameter, random, initialization);
    await network.write(parameter.name, 'value', Float32Array.from({ length: parameter.size }, draw));
  }
}

function initializer(
  { role, fanIn }: ParameterInfo,
  random: Random,
  initialization: Initialization,
): () => number {
  const bound = 1 / Math.sqrt(fanIn);
  const uniform = () => bound * (2 * random.uniform() - 1);
  switch (role) {
    case 'weight':
      return initialization === 'uniform' ? uniform : () => Math.SQRT2 * bound * random.normal();
    case 'bias':
      return initialization === 'uniform' ? uniform : () => bound * random.uniform();
    case 'scale':
      return () => 1;
    case 'shift':
      return () => 0;
  }
}
