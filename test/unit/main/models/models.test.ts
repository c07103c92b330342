import { describe, expect, test } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { analyse, type Analysis, type Shape } from '../../../../main/models/graph.ts';
import { modelById, models } from '../../../../main/models/registry.ts';

const digits: Shape = [1, 28, 28];
const cifar: Shape = [3, 32, 32];

function build(id: string, shape: Shape, values: Record<string, unknown> = {}, classes = 10): Analysis {
  const model = modelById(id);
  const normalization = { scale: Array(shape[0]).fill(1), shift: Array(shape[0]).fill(0) };
  return analyse(
    model.build(parseValues(model.fields, values, 'model'), { shape, ...normalization }, classes),
  );
}

const parameterCount = (analysis: Analysis) => analysis.parameters.reduce((sum, p) => sum + p.size, 0);
const macsOf = (analysis: Analysis, kind: string) =>
  analysis.parameters.reduce((sum, p) => {
    const node = analysis.nodes.find((n) => n.name === p.node);
    return sum + (node?.op.kind === kind && p.role === 'weight' ? p.size * p.macsPerWeight : 0);
  }, 0);

describe('parameters and multiply-accumulates against hand counts and the literature', () => {
  test.each([
    // 784·200 + 200·80 + 80·10 weights, 290 biases.
    { id: 'mlp', shape: digits, values: {}, parameters: 173_600 + 290, macs: 173_600 },
    { id: 'mlp', shape: digits, values: { widths: [300, 100] }, parameters: 266_610, macs: 266_200 },
    // Logistic regression on a flat vector.
    { id: 'mlp', shape: [20, 1, 1] as Shape, values: { widths: [] }, parameters: 210, macs: 200 },
    { id: 'lenet5', shape: digits, values: {}, parameters: 61_706, macs: 416_520 },
    { id: 'lenet5', shape: cifar, values: {}, parameters: 62_006, macs: 651_720 },
    // conv 27·32 + 288·64, batch norms 2·(32 + 64), linear 4096·10 + 10.
    { id: 'convnet', shape: cifar, values: {}, parameters: 864 + 18_432 + 192 + 40_970, macs: 5_644_288 },
    { id: 'resnet20', shape: cifar, values: {}, parameters: 269_722, macs: 40_551_040 },
    { id: 'resnet18', shape: cifar, values: {}, parameters: 11_173_962, macs: 555_422_720 },
    {
      id: 'wideresnet',
      shape: cifar,
      values: { depth: 28, widening: 10 },
      parameters: 36_479_194,
      macs: 5_243_328_768,
    },
  ])('$id $values: $parameters parameters, $macs MACs', ({ id, shape, values, parameters, macs }) => {
    const analysis = build(id, shape, values);
    expect(parameterCount(analysis)).toBe(parameters);
    expect(analysis.macs).toBe(macs);
  });

  test('VGG-16 spends 313.2 million MACs in its 13 convolutions', () => {
    const analysis = build('vgg16', cifar);
    expect(macsOf(analysis, 'conv2d')).toBe(313_196_544);
    expect(analysis.nodes.filter((n) => n.op.kind === 'conv2d')).toHaveLength(13);
    // 14 710 464 convolution weights, 2·4224 batch-norm parameters, 512·10 + 10.
    expect(parameterCount(analysis)).toBe(14_710_464 + 8_448 + 5_130);
  });
});

test('residual stages halve the image and double the channels', () => {
  const { nodes } = build('resnet18', cifar);
  const shapeOf = (name: string) => nodes.find((n) => n.name === name)?.outShape;
  expect(shapeOf('layer1.1.relu2')).toEqual([64, 32, 32]);
  expect(shapeOf('layer2.0.downsample.1')).toEqual([128, 16, 16]);
  expect(shapeOf('layer4.1.relu2')).toEqual([512, 4, 4]);
});

test('ResNet-20 has only parameter-free shortcuts', () => {
  const { nodes, parameters } = build('resnet20', cifar);
  expect(nodes.filter((n) => n.op.kind === 'shortcut').map((n) => n.name)).toEqual([
    'layer2.0.shortcut',
    'layer3.0.shortcut',
  ]);
  expect(parameters.filter((p) => p.role === 'weight')).toHaveLength(20);
});

test('convolutions followed by batch norm have no bias', () => {
  for (const id of ['convnet', 'vgg16', 'resnet20', 'resnet18', 'wideresnet']) {
    const biases = build(id, cifar).parameters.filter((p) => p.role === 'bias');
    expect(biases.map((p) => p.name)).toEqual(['fc.bias']);
  }
});

test('dropout stands between the two convolutions of a wide block, and only when asked for', () => {
  const withDropout = build('wideresnet', cifar, { depth: 10, dropout: 0.3 }).nodes;
  const at = withDropout.findIndex((n) => n.name === 'layer1.0.dropout');
  expect(withDropout[at].op).toEqual({ kind: 'dropout', rate: 0.3 });
  expect(withDropout[at + 1].name).toBe('layer1.0.conv2');
  expect(build('wideresnet', cifar, { depth: 10 }).nodes.some((n) => n.op.kind === 'dropout')).toBe(false);
});

test.each(models.map((m) => m.id))('%s takes every shape it should', (id) => {
  for (const shape of [cifar, [3, 64, 64], [1, 40, 52]] as Shape[]) {
    expect(build(id, shape, {}, 7).nodes.at(-1)?.outShape).toEqual([7, 1, 1]);
  }
});

test.each([
  { id: 'vgg16', shape: digits, message: /VGG-16 needs images of at least 32 x 32.*images of 28 x 28/ },
  { id: 'lenet5', shape: [1, 8, 8] as Shape, message: /LeNet-5 needs images of at least 12 x 12/ },
  { id: 'resnet20', shape: [20, 1, 1] as Shape, message: /ResNet-20 needs images.*vectors of 20 features/ },
  { id: 'convnet', shape: [1, 3, 9] as Shape, message: /at least 4 x 4/ },
])('$id refuses samples of $shape', ({ id, shape, message }) => {
  expect(() => build(id, shape)).toThrow(UserError);
  expect(() => build(id, shape)).toThrow(message);
});

test('a depth that is not 6n + 4 is refused with the nearest depths', () => {
  expect(() => build('wideresnet', cifar, { depth: 20 })).toThrow(/model\.depth: 20 .*16 and 22/);
});

test('an unknown model lists the known ones', () => {
  expect(() => modelById('alexnet')).toThrow(UserError);
  expect(() => modelById('alexnet')).toThrow(/mlp, lenet5, convnet, vgg16, resnet20, resnet18, wideresnet/);
});

test('every field says what it does', () => {
  for (const model of models) {
    for (const field of Object.values(model.fields)) expect(field.help.length).toBeGreaterThan(20);
  }
});
