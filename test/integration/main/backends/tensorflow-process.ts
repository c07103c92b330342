// A process that trains a perceptron with TensorFlow, started by tests with the environment that the product gives it.
// Ten times on the way it notes what is alive: tensors in the addon, and memory. Prints JSON.
import { bindingOfProcess, openTensorflow } from '../../../../main/backends/tensorflow/open.ts';
import { perceptron } from '../../../support/graphs.ts';
import { randomBatch, randomNetwork } from '../../../support/networks.ts';

export interface Soaked {
  tensors: number[];
  rssMegabytes: number[];
}

const steps = Number(process.argv[2]);
const { backend } = openTensorflow(1, 'traced');
const network = await randomNetwork(backend, perceptron(), { density: 0.3, maxBatch: 8 });
const batch = randomBatch(perceptron(), 8, 1, 'byte');
const sgd = { kind: 'sgd', learningRate: 0.01, momentum: 0.9, nesterov: false, weightDecay: 0 } as const;
const found: Soaked = { tensors: [], rssMegabytes: [] };
for (let step = 1; step <= steps; step++) {
  await network.trainStep(batch, { gradients: 'support' });
  await network.applyUpdate(sgd, { scope: 'support' });
  if (step % (steps / 10) !== 0) continue;
  found.tensors.push(bindingOfProcess(1).getNumOfTensors());
  found.rssMegabytes.push(process.memoryUsage().rss / 2 ** 20);
}
network.dispose();
found.tensors.push(bindingOfProcess(1).getNumOfTensors());
process.stdout.write(JSON.stringify(found));
