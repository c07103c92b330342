import { describe, expect, test } from 'vitest';
import { networkSize, removedUnits } from '../../../../main/app/network-size.ts';
import { shrink as transform } from '../../../../main/exporters/shrink/shrink.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { analyse, type Graph } from '../../../../main/models/graph.ts';
import { Random } from '../../../../shared/random.ts';
import { chain, everyOperation } from '../../../support/graphs.ts';
import { randomBatch } from '../../../support/networks.ts';
import { largestDifference, logitsOf, randomModel, smallGraphs } from '../../../support/trained-models.ts';

/** What dead units are removed from, and what was removed. */
function shrink(model: TrainedModel) {
  const shrunk = transform.apply(model);
  return {
    model: shrunk,
    report: {
      before: networkSize(model.graph),
      after: networkSize(shrunk.graph),
      layers: removedUnits(model.graph, shrunk.graph),
    },
  };
}

type Parameter = TrainedModel['parameters'][number];

const find = (model: TrainedModel, name: string): Parameter =>
  model.parameters.find((parameter) => parameter.name === name)!;

/** Clears the weights of a unit, or of a channel that every unit reads. */
function clear(weight: Parameter, where: { unit: number } | { channel: number }): void {
  const [outputs, inputs] = weight.shape;
  const area = weight.values.length / (outputs * inputs);
  for (let i = 0; i < weight.values.length; i++) {
    const here = 'unit' in where ? Math.floor(i / (inputs * area)) : Math.floor(i / area) % inputs;
    if (here !== ('unit' in where ? where.unit : where.channel)) continue;
    weight.values[i] = 0;
    if (weight.mask) weight.mask[i] = 0;
  }
}

/** Cuts random units off from what they read, from what reads them, or through their batch norm. */
function killUnits(model: TrainedModel, random: Random, share: number): void {
  for (const parameter of model.parameters) {
    const [outputs, inputs] = parameter.shape;
    if (parameter.role === 'weight') {
      for (let unit = 0; unit < outputs; unit++) if (random.uniform() < share) clear(parameter, { unit });
      for (let channel = 0; channel < inputs; channel++)
        if (random.uniform() < share) clear(parameter, { channel });
    } else if (parameter.role === 'scale') {
      for (let c = 0; c < outputs; c++) if (random.uniform() < share / 4) parameter.values[c] = 0;
    }
  }
}

async function expectEqualOutputs(model: TrainedModel, seed = 3): Promise<ReturnType<typeof shrink>> {
  const shrunk = shrink(model);
  const batch = randomBatch(model.graph, 8, seed);
  const before = await logitsOf(model, batch);
  const after = await logitsOf(shrunk.model, batch);
  const scale = before.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  expect(largestDifference(before, after)).toBeLessThanOrEqual(1e-5 * scale);
  return shrunk;
}

/** As the masks promise, and the shapes of the graph. */
function expectSound({ graph, parameters, buffers }: TrainedModel): void {
  const analysis = analyse(graph);
  expect(parameters.map(({ name, shape, role }) => ({ name, shape, role }))).toEqual(
    analysis.parameters.map(({ name, shape, role }) => ({ name, shape, role })),
  );
  expect(buffers.map(({ name, values }) => [name, values.length])).toEqual(
    analysis.buffers.map(({ name, size }) => [name, size]),
  );
  for (const { name, values, mask } of parameters) {
    expect(values.length, name).toBeGreaterThan(0);
    if (mask)
      expect(
        values.every((value, i) => mask[i] === 1 || value === 0),
        name,
      ).toBe(true);
  }
}

const graphs: Record<string, () => Graph> = { ...smallGraphs, 'every operation': everyOperation };

describe.each(Object.entries(graphs))('%s', (_, graph) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('with killed units computes the same, seed %i', async (seed) => {
    const model = randomModel(graph(), seed);
    killUnits(model, new Random(seed, 'kill'), [0.1, 0.3, 0.6, 0.9][seed % 4]);
    const { model: shrunk, report } = await expectEqualOutputs(model);
    expectSound(shrunk);
    expect(report.after.parameters).toBeLessThanOrEqual(report.before.parameters);
    expect(report.after.inferenceFlops).toBeLessThanOrEqual(report.before.inferenceFlops);
    expect(shrunk.graph.input).toEqual(model.graph.input);
    // There is nothing left to remove.
    expect(shrink(shrunk).report.layers).toEqual([]);
  });

  test('at 99.9 % sparsity, and with no weights at all, keeps every layer', async () => {
    for (const density of [0.001, 0]) {
      const { model: shrunk, report } = await expectEqualOutputs(randomModel(graph(), 9, density));
      expectSound(shrunk);
      expect(report.after.parameters).toBeLessThan(report.before.parameters);
    }
  });

  test('without dead units stays as it is', () => {
    const model = randomModel(graph(), 10, 1);
    const { model: shrunk, report } = shrink(model);
    expect(report.after).toEqual(report.before);
    expect(shrunk).toEqual(model);
  });
});

const relu = { name: 'relu', op: { kind: 'relu' } } as const;
const linear = (name: string, outputs: number, bias = true) =>
  ({ name, op: { kind: 'linear', outputs, bias } }) as const;
const conv = (name: string, outputs: number, padding: number) =>
  ({ name, op: { kind: 'conv2d', outputs, kernel: [3, 3], stride: 1, padding, bias: false } }) as const;
const batchNorm = { name: 'bn', op: { kind: 'batchNorm', epsilon: 0, momentum: 0.1 } } as const;
const pool = { name: 'pool', op: { kind: 'globalAvgPool' } } as const;

describe('what a dead unit emits', () => {
  test('its bias becomes a part of the next bias', async () => {
    const model = randomModel(chain([4, 1, 1], 2, [linear('a', 3), relu, linear('b', 2)]), 1, 1);
    clear(find(model, 'a.weight'), { unit: 1 });
    find(model, 'a.bias').values[1] = 2;
    find(model, 'b.bias').values.set([0.5, 0]);
    find(model, 'b.weight').values.set([1, 10, 1, 1, -3, 1]);
    const { model: shrunk, report } = await expectEqualOutputs(model);
    expect(report.layers).toEqual([{ name: 'a', before: 3, after: 2 }]);
    expect([...find(shrunk, 'b.bias').values]).toEqual([0.5 + 2 * 10, 2 * -3]);
    expect([...find(shrunk, 'b.weight').values]).toEqual([1, 1, 1, 1]);
  });

  test('a layer without bias gets one only where something is folded', async () => {
    const model = randomModel(chain([4, 1, 1], 2, [linear('a', 3), relu, linear('b', 2, false)]), 1, 1);
    clear(find(model, 'a.weight'), { unit: 1 });
    find(model, 'a.bias').values[1] = -2;
    expect(find((await expectEqualOutputs(model)).model, 'b.bias')).toBeUndefined();
    find(model, 'a.bias').values[1] = 2;
    expect(find((await expectEqualOutputs(model)).model, 'b.bias').values).toHaveLength(2);
  });

  test('behind padding one constant channel stays and stands in for the others', async () => {
    const layers = [conv('a', 5, 1), batchNorm, relu, conv('b', 4, 1), pool, linear('fc', 2)];
    const model = randomModel(chain([2, 6, 6], 2, layers), 2, 1);
    for (const unit of [0, 2, 3]) clear(find(model, 'a.weight'), { unit });
    // After the batch norm: 0.5, −1 (0 after ReLU) and 1.5.
    find(model, 'bn.weight').values.fill(1);
    find(model, 'bn.bias').values.set([0.5, 0, -1, 1.5, 0]);
    model.buffers[0].values.fill(0);
    const { model: shrunk, report } = await expectEqualOutputs(model);
    expect(report.layers).toEqual([{ name: 'a', before: 5, after: 3 }]);
    const [before, after] = [find(model, 'b.weight').values, find(shrunk, 'b.weight').values];
    // Channels 1, 3 and 4 stay; the first weight of channel 3 takes a third of channel 0's.
    expect(after[9]).toBeCloseTo(before[27] + before[0] / 3, 6);
    expect(find(shrunk, 'b.bias')).toBeUndefined();
  });

  test('without padding all of them go', async () => {
    const layers = [conv('a', 5, 1), batchNorm, relu, conv('b', 4, 0), pool, linear('fc', 2)];
    const model = randomModel(chain([2, 6, 6], 2, layers), 2, 1);
    for (const unit of [0, 2, 3]) clear(find(model, 'a.weight'), { unit });
    find(model, 'bn.bias').values.fill(1);
    model.buffers[0].values.fill(0);
    const { model: shrunk, report } = await expectEqualOutputs(model);
    expect(report.layers).toEqual([{ name: 'a', before: 5, after: 2 }]);
    expect(find(shrunk, 'b.bias').values.every((value) => value !== 0)).toBe(true);
  });
});

describe('residual networks', () => {
  /** Cuts a channel of the residual stream off from everything that writes it. */
  function killStream(model: TrainedModel, channel: number): void {
    for (const { name, op } of model.graph.nodes) {
      if (op.kind !== 'conv2d' || !(name === 'conv1' || name.endsWith('.conv2'))) continue;
      if (channel < op.outputs) clear(find(model, `${name}.weight`), { unit: channel });
    }
    for (const { name, values } of [...model.parameters, ...model.buffers]) {
      const shift = name.endsWith('bias') || name.endsWith('runningMean');
      if (/^bn1\.|\.bn2\./.test(name) && shift && channel < values.length) values[channel] = 0;
    }
  }

  test('a channel that one branch still writes stays in all of them', async () => {
    const model = randomModel(smallGraphs.resnet20(), 5, 1);
    killStream(model, 1);
    find(model, 'layer2.1.conv2.weight').values[9 * 8] = 1;
    const { report } = await expectEqualOutputs(model);
    expect(report.layers).toEqual([]);
  });

  test('a channel that nothing writes goes from every layer along its shortcuts', async () => {
    const model = randomModel(smallGraphs.resnet20(), 5, 1);
    killStream(model, 1);
    const { model: shrunk, report } = await expectEqualOutputs(model);
    expect(report.layers.map(({ name, before, after }) => [name, before - after])).toEqual(
      [
        'conv1',
        ...[1, 2, 3].flatMap((stage) => [0, 1, 2].map((block) => `layer${stage}.${block}.conv2`)),
      ].map((name) => [name, 1]),
    );
    const shortcuts = shrunk.graph.nodes.flatMap(({ op }) => (op.kind === 'shortcut' ? [op.outputs] : []));
    expect(shortcuts).toEqual([7, 15]);
  });
});
