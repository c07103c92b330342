import type { Random } from '../../shared/random.ts';
import type { Network, ParameterInfo } from '../backends/backend.ts';

/**
 * Writes dense initial values into every parameter. Weights: Kaiming normal for ReLU, std = gain · √(2 / fan-in)
 * (arXiv 1502.01852, equation 10). Biases: uniform in ±1/√fan-in. Batch norm: γ = 1, β = 0. Numbers are drawn in the
 * order of `network.parameters`, so that one seed gives every backend the same network.
 * @param options.gain multiplies the weights' standard deviation; 1 by default
 */
export async function initialize(
  network: Network,
  random: Random,
  options: { gain?: number },
): Promise<void> {
  for (const parameter of network.parameters) {
    const draw = initializer(parameter, random, options.gain ?? 1);
    await network.write(parameter.name, 'value', Float32Array.from({ length: parameter.size }, draw));
  }
}

function initializer({ role, fanIn }: ParameterInfo, random: Random, gain: number): () => number {
  switch (role) {
    case 'weight': {
      const std = gain * Math.sqrt(2 / fanIn);
      return () => std * random.normal();
    }
    case 'bias': {
      const bound = 1 / Math.sqrt(fanIn);
      return () => bound * (2 * random.uniform() - 1);
    }
    case 'scale':
      return () => 1;
    case 'shift':
      return () => 0;
  }
}
