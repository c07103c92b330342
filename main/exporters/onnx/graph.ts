import { UserError } from '../../../shared/errors.ts';
import { analyse, type AnalysedNode, type Graph } from '../../models/graph.ts';
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './messages.ts';

/** Initializers that are no tensors of the model: its input normalisation. */
export const normalization = { scale: 'input.scale', shift: 'input.shift' } as const;

/** How a tensor looks in the file: [batch, channels, height, width] or [batch, features]. */
type Rank = 4 | 2;

interface Lowered extends Pick<OnnxModel, 'input' | 'output' | 'nodes'> {
  /** Numbers that are no tensors of the model. */
  constants: OnnxTensor[];
}

/**
 * A graph in the operators of ONNX opset 17; raw samples in, logits out, any batch size. Dropout does nothing at
 * inference and is left out. Tensors have the names of the layers that yield them, weights PyTorch's names.
 * @throws UserError `unsupported-layer` where a layer takes images and gets flat features
 */
export function lowerGraph(graph: Graph): Lowered {
  const lowering = new Lowering();
  const input = lowering.normalize(graph);
  for (const node of analyse(graph).nodes) lowering.add(node);
  const last = lowering.flat(graph.nodes.at(-1)!.name);
  lowering.emit('logits', 'Identity', [last]);
  const { nodes, constants } = lowering;
  return { input, nodes, constants, output: { name: 'logits', shape: ['batch', graph.classes] } };
}

class Lowering {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  /** By our name: the tensor that holds a layer's output. */
  readonly #outputs = new Map<string, { tensor: string; rank: Rank }>();

  /** x ← x · scale + shift per channel, as the network's own first step. */
  normalize({ input: { shape, scale, shift } }: Graph): OnnxValue {
    const [channels, height, width] = shape;
    const rank = height * width === 1 ? 2 : 4;
    const perChannel = rank === 2 ? [channels] : [channels, 1, 1];
    this.constants.push({ name: normalization.scale, shape: perChannel, values: Float32Array.from(scale) });
    this.constants.push({ name: normalization.shift, shape: perChannel, values: Float32Array.from(shift) });
    this.emit('input.scaled', 'Mul', ['input', normalization.scale]);
    this.emit('input.normalized', 'Add', ['input.scaled', normalization.shift]);
    this.#outputs.set('input', { tensor: 'input.normalized', rank });
    return { name: 'input', shape: rank === 2 ? ['batch', channels] : ['batch', ...shape] };
  }

  add(node: AnalysedNode): void {
    const { name, op, inputs } = node;
    const [from] = inputs;
    switch (op.kind) {
      case 'linear': {
        const bias = op.bias ? [`${name}.bias`] : [];
        return this.#layer(name, 2, 'Gemm', [this.flat(from), `${name}.weight`, ...bias], { transB: 1 });
      }
      case 'conv2d': {
        const bias = op.bias ? [`${name}.bias`] : [];
        return this.#layer(name, 4, 'Conv', [this.#image(node), `${name}.weight`, ...bias], {
          kernel_shape: op.kernel,
          ...window(op),
        });
      }
      case 'batchNorm': {
        const { tensor, rank } = this.#outputs.get(from)!;
        const state = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);
        return this.#layer(name, rank, 'BatchNormalization', [tensor, ...state], { epsilon: op.epsilon });
      }
      case 'relu': {
        const { tensor, rank } = this.#outputs.get(from)!;
        return this.#layer(name, rank, 'Relu', [tensor]);
      }
      case 'maxPool':
        return this.#layer(name, 4, 'MaxPool', [this.#image(node)], pool(op));
      case 'avgPool':
        return this.#layer(name, 4, 'AveragePool', [this.#image(node)], {
          ...pool(op),
          count_include_pad: 1,
        });
      case 'globalAvgPool':
        return this.#layer(name, 4, 'GlobalAveragePool', [this.#image(node)]);
      case 'flatten':
        this.#outputs.set(name, { tensor: this.flat(from), rank: 2 });
        return;
      case 'dropout':
        this.#outputs.set(name, this.#outputs.get(from)!);
        return;
      case 'add': {
        const ranks = inputs.map((input) => this.#outputs.get(input)!.rank);
        const rank = ranks.includes(2) ? 2 : 4;
        const tensors = inputs.map((input) =>
          rank === 2 ? this.flat(input) : this.#outputs.get(input)!.tensor,
        );
        return this.#layer(name, rank, 'Add', tensors);
      }
      case 'shortcut':
        return this.#shortcut(node, op.stride);
    }
  }

  /** @returns the tensor of a layer's output as [batch, features] */
  flat(layer: string): string {
    const { tensor, rank } = this.#outputs.get(layer)!;
    return rank === 2 ? tensor : this.emit(`${layer}.flat`, 'Flatten', [tensor], { axis: 1 });
  }

  /** @returns the name of the output, which is the node's */
  emit(name: string, type: string, inputs: readonly string[], attributes?: OnnxNode['attributes']): string {
    if (!this.nodes.some((node) => node.name === name))
      this.nodes.push({ name, type, inputs, output: name, attributes });
    return name;
  }

  /** Every stride-th pixel of the channels that stay, then channels of zeros. */
  #shortcut(node: AnalysedNode, stride: number): void {
    const { name, outShape } = node;
    const [channels, height, width] = node.inShapes[0];
    const kept = Math.min(channels, outShape[0]);
    const slice = this.#integers(name, {
      starts: [0, 0, 0],
      ends: [kept, height, width],
      axes: [1, 2, 3],
      steps: [1, stride, stride],
    });
    const sliced = this.emit(`${name}.sliced`, 'Slice', [this.#image(node), ...slice]);
    const pads = this.#integers(name, { pads: [0, 0, 0, 0, 0, outShape[0] - kept, 0, 0] });
    this.#layer(name, 4, 'Pad', [sliced, ...pads]);
  }

  #layer(
    name: string,
    rank: Rank,
    type: string,
    inputs: readonly string[],
    attributes?: OnnxNode['attributes'],
  ): void {
    this.#outputs.set(name, { tensor: this.emit(name, type, inputs, attributes), rank });
  }

  #image({ name, op, inputs: [from] }: AnalysedNode): string {
    const { tensor, rank } = this.#outputs.get(from)!;
    if (rank === 4) return tensor;
    throw new UserError(
      'unsupported-layer',
      `layer ${name}: ${op.kind} of flat features cannot be written as ONNX`,
      'format',
    );
  }

  #integers(name: string, inputs: Record<string, readonly number[]>): string[] {
    return Object.entries(inputs).map(([part, values]) => {
      const tensor = `${name}.${part}`;
      this.constants.push({
        name: tensor,
        shape: [values.length],
        values: BigInt64Array.from(values, BigInt),
      });
      return tensor;
    });
  }
}

const window = ({ stride, padding }: { stride: number; padding: number }) => ({
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});

const pool = (op: { kernel: number; stride: number; padding: number }) => ({
  kernel_shape: [op.kernel, op.kernel],
  ...window(op),
});
