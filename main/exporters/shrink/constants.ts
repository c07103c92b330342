import type { AnalysedNode, Analysis, Op } from '../../models/graph.ts';

/** Parameters and buffers of a model by name. */
export type Values = ReadonlyMap<string, Float32Array>;

/**
 * Per channel of a layer's output: the number that it is at every pixel of every sample, or NaN where it depends on
 * the input.
 */
export type Constants = ReadonlyMap<string, Float64Array>;

export type Affine = Extract<Op, { kind: 'linear' | 'conv2d' }>;

export const isAffine = (op: Op): op is Affine => op.kind === 'linear' || op.kind === 'conv2d';

/** A padded convolution sees zeros instead of the channel around the border, so its output is not constant there. */
export const isPadded = (op: Op): boolean => op.kind === 'conv2d' && op.padding > 0;

/** What every layer emits whatever the input is: biases and batch-norm shifts of units without incoming weights. */
export function constantChannels({ nodes }: Analysis, values: Values): Constants {
  const constants = new Map<string, Float64Array>();
  const input = (name: string, channels: number) =>
    constants.get(name) ?? new Float64Array(channels).fill(NaN);
  for (const node of nodes) {
    const inputs = node.inputs.map((name, i) => input(name, node.inShapes[i][0]));
    constants.set(node.name, emitted(node, inputs, values));
  }
  return constants;
}

function emitted(node: AnalysedNode, [x, other]: Float64Array[], values: Values): Float64Array {
  const { op, name } = node;
  const of = (suffix: string) => values.get(`${name}.${suffix}`)!;
  switch (op.kind) {
    case 'linear':
    case 'conv2d':
      return affine(node, x, of('weight'), op.bias ? of('bias') : undefined);
    case 'batchNorm':
      return x.map((value, c) => {
        const scale = of('weight')[c] / Math.sqrt(of('runningVar')[c] + op.epsilon);
        return scale === 0 ? of('bias')[c] : (value - of('runningMean')[c]) * scale + of('bias')[c];
      });
    case 'relu':
      return x.map((value) => Math.max(0, value));
    case 'avgPool':
      // Padding counts as zeros.
      return x.map((value) => (op.padding > 0 && value !== 0 ? NaN : value));
    case 'maxPool':
    case 'globalAvgPool':
    case 'dropout':
      return x;
    case 'flatten': {
      const plane = node.outShape[0] / x.length;
      return Float64Array.from({ length: node.outShape[0] }, (_, feature) => x[Math.floor(feature / plane)]);
    }
    case 'add':
      return x.map((value, c) => value + other[c]);
    case 'shortcut':
      return Float64Array.from({ length: op.outputs }, (_, c) => (c < x.length ? x[c] : 0));
  }
}

/** A row is constant if all its weights are 0, or see channels that are. */
function affine(
  { op, outShape: [outputs] }: AnalysedNode,
  x: Float64Array,
  weight: Float32Array,
  bias: Float32Array | undefined,
): Float64Array {
  const row = weight.length / outputs;
  const area = row / x.length;
  const seen = isPadded(op) ? x.map((value) => (value === 0 ? 0 : NaN)) : x;
  return Float64Array.from({ length: outputs }, (_, o) => {
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < row; i++) {
      const w = weight[o * row + i];
      if (w !== 0) sum += w * seen[Math.floor(i / area)];
    }
    return sum;
  });
}
