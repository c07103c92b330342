import { describe, expect, test } from 'vitest';
import { foldBatchNorm } from '../../../../main/exporters/fold-batch-norm.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { randomBatch } from '../../../support/networks.ts';
import { chain, everyOperation } from '../../../support/graphs.ts';
import { largestDifference, logitsOf, randomModel, smallGraphs } from '../../../support/trained-models.ts';

const norms = ({ graph }: TrainedModel) =>
  graph.nodes.filter(({ op }) => op.kind === 'batchNorm').map(({ name }) => name);

async function expectSameLogits(model: TrainedModel, folded: TrainedModel): Promise<void> {
  const batch = randomBatch(model.graph, 8);
  const logits = await logitsOf(model, batch);
  const scale = Math.max(1, ...logits.map(Math.abs));
  expect(largestDifference(logits, await logitsOf(folded, batch))).toBeLessThan(1e-5 * scale);
}

describe('folding batch norm', () => {
  test.each(Object.entries({ ...smallGraphs, everyOperation }))(
    'keeps the logits of %s',
    async (_, graph) => {
      const model = randomModel(graph(), 3);
      // Signs of scales differ, as after training without a penalty on them.
      for (const { role, values } of model.parameters)
        if (role === 'scale') values.forEach((value, i) => (values[i] = i % 2 ? -value : value));
      const folded = foldBatchNorm.apply(model);
      await expectSameLogits(model, folded);
      const zeros = folded.parameters.flatMap(({ values }) => [...values]).filter((value) => value === 0);
      expect(zeros.every((value) => Object.is(value, 0))).toBe(true);
    },
  );

  test('leaves none where each follows a convolution', () => {
    const model = randomModel(smallGraphs.resnet18(), 1);
    const folded = foldBatchNorm.apply(model);
    expect(norms(model)).toHaveLength(20);
    expect(norms(folded)).toEqual([]);
    expect(folded.buffers).toEqual([]);
    expect(folded.parameters.some(({ role }) => role === 'scale' || role === 'shift')).toBe(false);
    expect(norms(model)).toHaveLength(20);
  });

  test('leaves those before a convolution, which follow a sum', () => {
    const folded = foldBatchNorm.apply(randomModel(smallGraphs.wideresnet(), 1));
    const kept = norms(folded);
    expect(kept).toContain('bn');
    expect(kept).toContain('layer1.0.bn1');
    expect(kept).not.toContain('layer1.0.bn2');
  });

  test('leaves one whose convolution is read by others too', () => {
    const conv = { kind: 'conv2d', outputs: 3, kernel: [1, 1], stride: 1, padding: 0, bias: true } as const;
    const graph = chain([3, 4, 4], 3, [
      { name: 'conv', op: conv },
      { name: 'bn', op: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 } },
      { name: 'add', op: { kind: 'add' }, from: ['bn', 'conv'] },
      { name: 'pool', op: { kind: 'globalAvgPool' } },
    ]);
    const model = randomModel(graph, 1);
    expect(foldBatchNorm.apply(model).graph).toEqual(graph);
  });

  test('masks stay as they are, also where a scale is 0', () => {
    const model = randomModel(smallGraphs.convnet(), 1);
    model.parameters.find(({ name }) => name === 'bn1.weight')!.values[0] = 0;
    const folded = foldBatchNorm.apply(model);
    for (const { name, mask } of model.parameters.filter((p) => p.mask))
      expect(folded.parameters.find((p) => p.name === name)!.mask).toEqual(mask);
  });
});
