/** A network as a small layer graph: what a backend compiles, an exporter writes and the FLOP counter reads. */

export type Op =
  | { kind: 'linear'; outputs: number; bias: boolean }
  | { kind: 'conv2d'; outputs: number; kernel: readonly [number, number]; stride: number; padding: number; bias: boolean }
  | { kind: 'batchNorm'; epsilon: number; momentum: number }
  | { kind: 'relu' }
  | { kind: 'maxPool'; kernel: number; stride: number; padding: number }
  | { kind: 'avgPool'; kernel: number; stride: number; padding: number }
  | { kind: 'globalAvgPool' }
  | { kind: 'flatten' }
  | { kind: 'dropout'; rate: number }
  | { kind: 'add' }
  /** Parameter-free shortcut (ResNet option A): every stride-th pixel, missing channels filled with zeros at the end. */
  | { kind: 'shortcut'; outputs: number; stride: number };

/** [channels, height, width]; a flat vector is [features, 1, 1]. */
export type Shape = readonly [number, number, number];

export interface Node {
  name: string;
  op: Op;
  /** Names of earlier nodes, or `input`. Two for `add`, one otherwise. */
  inputs: readonly string[];
}

export interface Graph {
  input: {
    shape: Shape;
    /** The first thing the network does: x ← x · scale[c] + shift[c], so that it takes raw pixels. */
    scale: readonly number[];
    shift: readonly number[];
  };
  /** In execution order; the last one yields the logits, shape [classes, 1, 1]. */
  nodes: readonly Node[];
  classes: number;
}

export type ParameterRole = 'weight' | 'bias' | 'scale' | 'shift';

export interface ParameterShape {
  /** `<node>.weight`, `<node>.bias`; a batch norm's γ is its weight and β its bias, as in PyTorch. */
  name: string;
  node: string;
  role: ParameterRole;
  /** Linear [out, in]; convolution [out, in, kh, kw]; row-major. */
  shape: readonly number[];
  size: number;
  /** Inputs and outputs that one unit is connected to when dense; kernel area included for fan-in and fan-out. */
  fanIn: number;
  fanOut: number;
  /** Multiply-accumulates of one forward pass of one sample per weight: output positions (1 for linear). */
  macsPerWeight: number;
}

export interface BufferShape {
  /** `<node>.runningMean`, `<node>.runningVar`. */
  name: string;
  size: number;
  initial: number;
}

export interface AnalysedNode extends Node {
  inShapes: readonly Shape[];
  outShape: Shape;
}

export interface Analysis {
  nodes: readonly AnalysedNode[];
  parameters: readonly ParameterShape[];
  buffers: readonly BufferShape[];
  /** Multiply-accumulates of convolutions and linear layers, one sample, dense. */
  macs: number;
}

/** Whether a sample's gradients depend on the other samples of its batch, by batch norm's statistics. */
export function samplesCouple({ nodes }: Graph): boolean {
  return nodes.some(({ op }) => op.kind === 'batchNorm');
}

/** Infers every shape, parameter and MAC count; throws an `Error` naming the node that cannot be built. */
export function analyse(graph: Graph): Analysis {
  const shapes = new Map<string, Shape>([['input', graph.input.shape]]);
  const nodes: AnalysedNode[] = [];
  const parameters: ParameterShape[] = [];
  const buffers: BufferShape[] = [];
  for (const node of graph.nodes) {
    if (shapes.has(node.name)) throw new Error(`layer ${node.name}: the name is used twice`);
    const inShapes = node.inputs.map((name) => {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`layer ${node.name}: its input ${name} does not come before it`);
      return shape;
    });
    const outShape = outputShape(node, inShapes);
    if (outShape.some((n) => n < 1)) {
      throw new Error(`layer ${node.name}: its output would be empty (${outShape.join(' x ')}); the input is too small`);
    }
    shapes.set(node.name, outShape);
    nodes.push({ ...node, inShapes, outShape });
    parameters.push(...parametersOf(node, inShapes[0], outShape));
    if (node.op.kind === 'batchNorm') {
      const size = inShapes[0][0];
      buffers.push({ name: `${node.name}.runningMean`, size, initial: 0 });
      buffers.push({ name: `${node.name}.runningVar`, size, initial: 1 });
    }
  }
  const last = nodes.at(-1)?.outShape;
  if (!last || last[0] !== graph.classes || last[1] * last[2] !== 1) {
    throw new Error(`the last layer yields ${last?.join(' x ')} instead of one logit for each of ${graph.classes} classes`);
  }
  const macs = parameters.reduce((sum, p) => sum + (p.role === 'weight' ? p.size * p.macsPerWeight : 0), 0);
  return { nodes, parameters, buffers, macs };
}

function outputShape(node: Node, inputs: readonly Shape[]): Shape {
  const { op } = node;
  const wanted = op.kind === 'add' ? 2 : 1;
  if (inputs.length !== wanted) throw new Error(`layer ${node.name}: ${op.kind} takes ${wanted} input(s)`);
  const [c, h, w] = inputs[0];
  const window = (size: number, k: number, stride: number, padding: number) =>
    Math.floor((size + 2 * padding - k) / stride) + 1;
  switch (op.kind) {
    case 'linear':
      if (h * w !== 1) throw new Error(`layer ${node.name}: linear needs a flat input, got ${inputs[0].join(' x ')}`);
      return [op.outputs, 1, 1];
    case 'conv2d':
      return [op.outputs, window(h, op.kernel[0], op.stride, op.padding), window(w, op.kernel[1], op.stride, op.padding)];
    case 'maxPool':
    case 'avgPool':
      return [c, window(h, op.kernel, op.stride, op.padding), window(w, op.kernel, op.stride, op.padding)];
    case 'globalAvgPool':
      return [c, 1, 1];
    case 'flatten':
      return [c * h * w, 1, 1];
    case 'add':
      if (inputs[1].join() !== inputs[0].join()) {
        throw new Error(`layer ${node.name}: cannot add ${inputs[0].join(' x ')} and ${inputs[1].join(' x ')}`);
      }
      return inputs[0];
    case 'shortcut':
      return [op.outputs, Math.ceil(h / op.stride), Math.ceil(w / op.stride)];
    case 'batchNorm':
    case 'relu':
    case 'dropout':
      return inputs[0];
  }
}

function parametersOf(node: Node, input: Shape, output: Shape): ParameterShape[] {
  const { op } = node;
  const of = (suffix: string, role: ParameterRole, shape: number[], rest: Partial<ParameterShape> = {}): ParameterShape => ({
    name: `${node.name}.${suffix}`,
    node: node.name,
    role,
    shape,
    size: shape.reduce((a, b) => a * b, 1),
    fanIn: 1,
    fanOut: 1,
    macsPerWeight: 0,
    ...rest,
  });
  if (op.kind === 'batchNorm') return [of('weight', 'scale', [input[0]]), of('bias', 'shift', [input[0]])];
  if (op.kind !== 'linear' && op.kind !== 'conv2d') return [];
  const kernel = op.kind === 'conv2d' ? op.kernel : ([] as const);
  const area = kernel.reduce((a, b) => a * b, 1);
  const fan = { fanIn: input[0] * area, fanOut: op.outputs * area };
  const weight = of('weight', 'weight', [op.outputs, input[0], ...kernel], { ...fan, macsPerWeight: output[1] * output[2] });
  return op.bias ? [weight, of('bias', 'bias', [op.outputs], fan)] : [weight];
}
