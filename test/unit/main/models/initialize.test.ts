import { expect, test } from 'vitest';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import { initialize, type Initialization } from '../../../../main/models/initialize.ts';
import { Random } from '../../../../shared/random.ts';
import { chain } from '../../../support/graphs.ts';

const graph = chain([3, 8, 8], 10, [
  { name: 'conv', op: { kind: 'conv2d', outputs: 40, kernel: [3, 3], stride: 1, padding: 1, bias: true } },
  { name: 'bn', op: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 } },
  { name: 'pool', op: { kind: 'globalAvgPool' } },
  { name: 'fc', op: { kind: 'linear', outputs: 10, bias: true } },
]);

async function initialized(seed: number, initialization: Initialization = 'kaiming') {
  const network = await referenceBackend.compile(graph, { maxBatch: 1, threads: 1, sparse: new Set() });
  await initialize(network, new Random(seed), initialization);
  return (name: string) => network.read(name, 'value');
}

const deviationOf = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

test('weights are Kaiming normal, std = √(2 / fan-in), or uniform in ±1/√fan-in', async () => {
  const weight = await (await initialized(1))('conv.weight');
  // 1080 numbers: the sample deviation is within 8 % in all but one of ten thousand seeds.
  expect(deviationOf(weight) / Math.sqrt(2 / 27)).toBeCloseTo(1, 1);
  const uniform = await (await initialized(1, 'uniform'))('conv.weight');
  expect(Math.max(...uniform.map(Math.abs)) * Math.sqrt(27)).toBeLessThanOrEqual(1.0000001);
  expect(deviationOf(uniform) * Math.sqrt(27)).toBeCloseTo(1 / Math.sqrt(3), 1);
});

test.each([
  ['uniform', -1],
  ['kaiming', 0],
] as const)('biases of %s are uniform from %i/√fan-in to 1/√fan-in', async (initialization, low) => {
  const scaled = (await (await initialized(1, initialization))('conv.bias')).map((b) => b * Math.sqrt(27));
  expect(Math.max(...scaled)).toBeLessThanOrEqual(1.0000001);
  expect(Math.max(...scaled)).toBeGreaterThan(0.7);
  expect(Math.min(...scaled)).toBeGreaterThanOrEqual(low - 1e-7);
  expect(Math.min(...scaled)).toBeLessThan(low + 0.3);
});

test('batch norm starts as the identity', async () => {
  const read = await initialized(1);
  expect([...(await read('bn.weight'))]).toEqual(Array(40).fill(1));
  expect([...(await read('bn.bias'))]).toEqual(Array(40).fill(0));
});

test('one seed gives one network', async () => {
  const weight = await (await initialized(7))('fc.weight');
  expect(await (await initialized(7))('fc.weight')).toEqual(weight);
  expect(await (await initialized(8))('fc.weight')).not.toEqual(weight);
});
