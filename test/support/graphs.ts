import type { Graph, Node, Op, Shape } from '../../main/models/graph.ts';

/** Builds a graph in which each layer reads the one before it unless `from` says otherwise. */
export function chain(
  shape: Shape,
  classes: number,
  layers: readonly { name: string; op: Op; from?: readonly string[] }[],
): Graph {
  const nodes: Node[] = [];
  for (const { name, op, from } of layers) {
    nodes.push({ name, op, inputs: from ?? [nodes.at(-1)?.name ?? 'input'] });
  }
  const channels = Array.from({ length: shape[0] }, (_, c) => c);
  return {
    input: { shape, scale: channels.map((c) => 0.8 + 0.1 * c), shift: channels.map((c) => -0.2 - 0.05 * c) },
    nodes,
    classes,
  };
}

/** A network that has one weight of the given shape and nothing else: [out, in] or [out, in, kh, kw]. */
export function singleWeight(shape: readonly number[]): Graph {
  const [outputs, inputs, ...kernel] = shape;
  if (kernel.length === 0) {
    return chain([inputs, 1, 1], outputs, [{ name: 'layer', op: { kind: 'linear', outputs, bias: false } }]);
  }
  const [kh, kw] = kernel;
  const op: Op = { kind: 'conv2d', outputs, kernel: [kh, kw], stride: 1, padding: 0, bias: false };
  return chain([inputs, kh, kw], outputs, [{ name: 'layer', op }]);
}

/** A small network with every operation, strides, paddings, a tensor with two consumers and a rectangular image. */
export function everyOperation(): Graph {
  const conv = (
    outputs: number,
    kernel: [number, number],
    stride: number,
    padding: number,
    bias: boolean,
  ): Op => ({
    kind: 'conv2d',
    outputs,
    kernel,
    stride,
    padding,
    bias,
  });
  return chain([2, 9, 7], 5, [
    { name: 'conv1', op: conv(4, [3, 3], 1, 1, false) },
    { name: 'bn1', op: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 } },
    { name: 'relu1', op: { kind: 'relu' } },
    { name: 'maxpool', op: { kind: 'maxPool', kernel: 3, stride: 2, padding: 1 } },
    { name: 'conv2', op: conv(6, [3, 3], 2, 1, true) },
    { name: 'shortcut', op: { kind: 'shortcut', outputs: 6, stride: 2 }, from: ['maxpool'] },
    { name: 'add', op: { kind: 'add' }, from: ['conv2', 'shortcut'] },
    { name: 'relu2', op: { kind: 'relu' } },
    { name: 'avgpool', op: { kind: 'avgPool', kernel: 2, stride: 1, padding: 1 } },
    { name: 'dropout', op: { kind: 'dropout', rate: 0.3 } },
    { name: 'conv3', op: conv(5, [1, 1], 1, 0, true) },
    { name: 'pool', op: { kind: 'globalAvgPool' } },
    { name: 'flatten', op: { kind: 'flatten' } },
    { name: 'fc1', op: { kind: 'linear', outputs: 11, bias: true } },
    { name: 'relu3', op: { kind: 'relu' } },
    { name: 'fc2', op: { kind: 'linear', outputs: 5, bias: true } },
  ]);
}

/** Fully connected, with widths that no vector width divides. */
export function perceptron(inputs = 37, hidden = 23, classes = 7): Graph {
  return chain([inputs, 1, 1], classes, [
    { name: 'fc1', op: { kind: 'linear', outputs: hidden, bias: true } },
    { name: 'relu1', op: { kind: 'relu' } },
    { name: 'fc2', op: { kind: 'linear', outputs: classes, bias: true } },
  ]);
}

/** A convolution of 1 x 1 before a max pooling: its weight's gradient tells which pixels were chosen. */
export function pooledPixels(
  shape: Shape,
  window: { kernel: number; stride: number; padding: number },
): Graph {
  return chain(shape, 3, [
    { name: 'conv', op: { kind: 'conv2d', outputs: 2, kernel: [1, 1], stride: 1, padding: 0, bias: true } },
    { name: 'pool', op: { kind: 'maxPool', ...window } },
    { name: 'flatten', op: { kind: 'flatten' } },
    { name: 'fc', op: { kind: 'linear', outputs: 3, bias: true } },
  ]);
}
