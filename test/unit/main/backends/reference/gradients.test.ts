import { describe, expect, test } from 'vitest';
import type { Network, TrainOptions } from '../../../../../main/backends/backend.ts';
import { referenceBackend } from '../../../../../main/backends/reference/index.ts';
import { Random } from '../../../../../shared/random.ts';
import { everyOperation, perceptron } from '../../../../support/graphs.ts';
import { normals, randomBatch, randomNetwork, readAll } from '../../../../support/networks.ts';

const options: TrainOptions = { gradients: 'dense', dropoutSeed: 11, labelSmoothing: 0.1 };

/** (L(θ + h·d) − L(θ − h·d)) / 2h for one parameter. */
async function slope(
  network: Network,
  name: string,
  direction: Float64Array,
  h: number,
  loss: () => Promise<number>,
) {
  const theta = await network.read(name, 'value');
  const at = async (t: number) => {
    await network.write(
      name,
      'value',
      theta.map((v, i) => v + t * direction[i]),
    );
    return loss();
  };
  const difference = (await at(h)) - (await at(-h));
  await network.write(name, 'value', theta);
  return difference / (2 * h);
}

function unit(v: ArrayLike<number>): Float64Array {
  const norm = Math.hypot(...Array.from(v));
  return Float64Array.from(v, (x) => x / norm);
}

const graphs = { everyOperation, perceptron };

describe.each(Object.keys(graphs) as (keyof typeof graphs)[])('%s', (name) => {
  test('every gradient is the slope of the loss', async () => {
    const graph = graphs[name]();
    const network = await randomNetwork(referenceBackend, graph, { seed: 5 });
    const batch = randomBatch(graph, 6);
    const loss = async () => (await network.trainStep(batch, options)).loss;
    await loss();
    const gradients = await readAll(network, 'gradient');
    const random = new Random(9);
    for (const { name: parameter, size } of network.parameters) {
      const gradient = gradients.get(parameter)!;
      const norm = Math.hypot(...gradient);
      const directions = [unit(gradient), unit(normals(size, random)), unit(normals(size, random))];
      for (const direction of directions) {
        const expected = direction.reduce((sum, d, i) => sum + d * gradient[i], 0);
        // A step small enough to cross hardly any kink of ReLU and max pooling, yet far above float32 rounding.
        const measured = await slope(network, parameter, direction, 1e-3, loss);
        expect(Math.abs(measured - expected) / norm, `slope along ${parameter}`).toBeLessThan(2e-3);
      }
    }
  });
});
