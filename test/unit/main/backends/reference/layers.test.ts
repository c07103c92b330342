import { expect, test } from 'vitest';
import { Parameter } from '../../../../../main/backends/reference/parameter.ts';
import { dropoutHash } from '../../../../../main/backends/dropout.ts';
import { createLayer } from '../../../../../main/backends/reference/layers.ts';
import { crossEntropy } from '../../../../../main/backends/loss.ts';
import { analyse, type Op, type Shape } from '../../../../../main/models/graph.ts';
import { expectClose } from '../../../../support/close.ts';
import { golden } from '../../../../support/golden.ts';
import { chain } from '../../../../support/graphs.ts';

interface GoldenLayer {
  attrs: { kernel?: number; stride?: number; padding?: number; targets?: number[]; label_smoothing?: number };
  inputs: { shape: number[]; data: number[] }[];
  output: { shape: number[]; data: number[] };
  output_grad: number[];
  input_grads: number[][];
}

const { layers } = golden<{ layers: Record<string, GoldenLayer> }>('layers');

const ops: Record<string, (layer: GoldenLayer) => Op> = {
  linear: ({ output }) => ({ kind: 'linear', outputs: output.shape[1], bias: true }),
  conv2d: ({ attrs, output }) => ({
    kind: 'conv2d',
    outputs: output.shape[1],
    kernel: [attrs.kernel!, attrs.kernel!],
    stride: attrs.stride!,
    padding: attrs.padding!,
    bias: true,
  }),
  batch_norm: () => ({ kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 }),
  max_pool: () => ({ kind: 'maxPool', kernel: 2, stride: 2, padding: 0 }),
  avg_pool: () => ({ kind: 'globalAvgPool' }),
  relu: () => ({ kind: 'relu' }),
};

const single = Object.entries(layers).filter(([name]) => !name.startsWith('softmax'));

test.each(single)('%s agrees with PyTorch, forward and backward', (name, layer) => {
  const op = Object.entries(ops).find(([prefix]) => name.startsWith(prefix))![1](layer);
  const [x, weight, bias] = layer.inputs;
  const [batch, c, h = 1, w = 1] = x.shape;
  const { parameters, buffers } = compile(op, [c, h, w]);
  for (const [role, tensor] of Object.entries({ weight, bias })) {
    if (tensor) parameters.get(`layer.${role}`)!.write('value', Float32Array.from(tensor.data));
  }
  const compiled = createLayer(analysed(op, [c, h, w]).nodes[0], 0, { parameters, buffers });
  const pass = { batch, training: true, dropoutSeed: 0, gradients: 'dense' as const };
  const input = Float32Array.from(x.data);
  const y = new Float32Array(layer.output.data.length);
  const dx = new Float32Array(input.length);
  compiled.forward([input], y, pass);
  compiled.backward([input], Float32Array.from(layer.output_grad), [dx], pass);
  expectClose(y, layer.output.data, 1e-5, 'output');
  expectClose(dx, layer.input_grads[0], 1e-5, 'input gradient');
  if (weight)
    expectClose(parameters.get('layer.weight')!.gradient, layer.input_grads[1], 1e-5, 'weight gradient');
  if (bias) expectClose(parameters.get('layer.bias')!.gradient, layer.input_grads[2], 1e-5, 'bias gradient');
});

test.each(Object.entries(layers).filter(([name]) => name.startsWith('softmax')))(
  '%s agrees with PyTorch',
  (_, layer) => {
    const [{ shape, data }] = layer.inputs;
    const gradient = new Float32Array(data.length);
    const { sum } = crossEntropy(
      Float32Array.from(data),
      Int32Array.from(layer.attrs.targets!),
      { batch: shape[0], classes: shape[1], smoothing: layer.attrs.label_smoothing! },
      gradient,
    );
    expectClose([sum / shape[0]], layer.output.data, 1e-6, 'loss');
    expectClose(gradient, layer.input_grads[0], 1e-5, 'gradient');
  },
);

test('of equal maxima the first in row-major order takes the gradient', () => {
  const { compiled, pass } = simple({ kind: 'maxPool', kernel: 2, stride: 2, padding: 0 }, [1, 2, 2]);
  const x = Float32Array.of(1, 3, 3, 3);
  const dx = new Float32Array(4);
  compiled.forward([x], new Float32Array(1), pass);
  compiled.backward([x], Float32Array.of(5), [dx], pass);
  expect([...dx]).toEqual([0, 5, 0, 0]);
});

test('padding never wins max pooling and counts as zeros in average pooling', () => {
  const window = { kernel: 2, stride: 2, padding: 1 };
  const x = Float32Array.of(-1, -2, -3, -4);
  const y = new Float32Array(4);
  const max = simple({ kind: 'maxPool', ...window }, [1, 2, 2]);
  max.compiled.forward([x], y, max.pass);
  expect([...y]).toEqual([-1, -2, -3, -4]);
  const average = simple({ kind: 'avgPool', ...window }, [1, 2, 2]);
  average.compiled.forward([x], y, average.pass);
  expect([...y]).toEqual([-0.25, -0.5, -0.75, -1]);
});

test('the parameter-free shortcut takes every stride-th pixel and appends channels of zeros', () => {
  const { compiled, pass } = simple({ kind: 'shortcut', outputs: 2, stride: 2 }, [1, 3, 3]);
  const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const y = new Float32Array(8);
  compiled.forward([x], y, pass);
  expect([...y]).toEqual([1, 3, 7, 9, 0, 0, 0, 0]);
  const dx = new Float32Array(9);
  compiled.backward([x], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [dx], pass);
  expect([...dx]).toEqual([1, 0, 2, 0, 0, 0, 3, 0, 4]);
});

test('ReLU lets NaN through, so that divergence shows', () => {
  const { compiled, pass } = simple({ kind: 'relu' }, [3, 1, 1]);
  const y = new Float32Array(3);
  compiled.forward([Float32Array.of(NaN, -1, 2)], y, pass);
  expect([...y]).toEqual([NaN, 0, 2]);
});

test('dropout drops its rate, scales the rest, and follows the seed', () => {
  const { compiled, pass } = simple({ kind: 'dropout', rate: 0.25 }, [4000, 1, 1]);
  const x = new Float32Array(4000).fill(3);
  const y = new Float32Array(4000);
  compiled.forward([x], y, { ...pass, dropoutSeed: 7 });
  const kept = y.filter((v) => v !== 0);
  expect(kept.every((v) => v === 4)).toBe(true);
  expect(Math.abs(kept.length / 4000 - 0.75)).toBeLessThan(0.025);
  const other = new Float32Array(4000);
  compiled.forward([x], other, { ...pass, dropoutSeed: 8 });
  expect(other).not.toEqual(y);
  compiled.forward([x], other, { ...pass, training: false });
  expect(other).toEqual(x);
});

test('the dropout hash is the published one', () => {
  // Worked by hand with 64-bit integers from the three lines of its definition.
  expect(dropoutHash(0, 0, 0, 0)).toBe(0);
  expect(dropoutHash(1, 2, 3, 4)).toBe(1761162146);
  expect(dropoutHash(0xffffffff, 0, 1, 0)).toBe(2107409927);
});

function analysed(op: Op, shape: Shape) {
  const probe = { name: 'layer', op };
  // Wrapped so that any output shape ends in logits.
  return analyse(chain(shape, 1, [probe, { name: 'pool', op: { kind: 'globalAvgPool' } }, logit]));
}

const logit = { name: 'logit', op: { kind: 'linear', outputs: 1, bias: false } as Op };

function compile(op: Op, shape: Shape) {
  const { parameters, buffers } = analysed(op, shape);
  return {
    parameters: new Map(parameters.map((p) => [p.name, new Parameter({ ...p, sparse: false })])),
    buffers: new Map(buffers.map((b) => [b.name, new Float32Array(b.size).fill(b.initial)])),
  };
}

function simple(op: Op, shape: Shape) {
  const compiled = createLayer(analysed(op, shape).nodes[0], 0, compile(op, shape));
  return { compiled, pass: { batch: 1, training: true, dropoutSeed: 0, gradients: 'dense' as const } };
}
