import { UserError } from '../../../shared/errors.ts';
import { analyse, type AnalysedNode, type Graph, type Shape } from '../../models/graph.ts';

/** A Keras layer as model.json has it. */
export interface KerasLayer {
  class_name: string;
  name: string;
  /** `trainable: false` marks layers that hold no tensors of the model: normalisation and shortcuts. */
  config: Record<string, unknown>;
  inbound_nodes: [string, number, number, object][][];
}

/** A weight that is no tensor of the model, under its name in the file. */
export interface Constant {
  name: string;
  shape: readonly number[];
  values: Float32Array;
}

/** How a tensor looks in the file: [batch, height, width, channels] or [batch, features]. */
type Form = 'image' | 'flat';

/**
 * A graph as a functional Keras model, channels last; raw samples in, logits out. Padding is a layer of its own,
 * because Keras pads strided convolutions on one side; dropout does nothing at inference and is left out.
 * @throws UserError `unsupported-layer` where Keras has no such layer
 */
export function lowerGraph(graph: Graph): { layers: KerasLayer[]; output: string; constants: Constant[] } {
  const lowering = new Lowering(graph);
  for (const node of analyse(graph).nodes) lowering.add(node);
  const output = lowering.flat(graph.nodes.at(-1)!.name);
  return { layers: lowering.layers, output, constants: lowering.constants };
}

class Lowering {
  readonly layers: KerasLayer[] = [];
  readonly constants: Constant[] = [];
  /** By our name: the Keras layer that yields a layer's output. */
  readonly #outputs = new Map<string, { layer: string; form: Form; shape: Shape }>();

  constructor({ input: { shape, scale, shift } }: Graph) {
    const [channels, height, width] = shape;
    const form = height * width === 1 ? 'flat' : 'image';
    const batchShape = form === 'flat' ? [null, channels] : [null, height, width, channels];
    this.#push('InputLayer', 'input', [], { batch_input_shape: batchShape, dtype: 'float32', sparse: false });
    // x · scale + shift is a batch norm of mean 0 and variance 1.
    const name = 'input.normalized';
    this.#push('BatchNormalization', name, ['input'], { ...lastAxis(form), epsilon: 0, trainable: false });
    const state = {
      gamma: scale,
      beta: shift,
      moving_mean: scale.map(() => 0),
      moving_variance: scale.map(() => 1),
    };
    for (const [part, values] of Object.entries(state)) this.#constant(`${name}/${part}`, [channels], values);
    this.#outputs.set('input', { layer: name, form, shape });
  }

  add(node: AnalysedNode): void {
    const { name, op, inputs } = node;
    const from = this.#outputs.get(inputs[0])!;
    switch (op.kind) {
      case 'linear':
        return this.#layer(node, 'flat', 'Dense', this.flat(inputs[0]), {
          units: op.outputs,
          use_bias: op.bias,
          kernel_initializer: zeros,
        });
      case 'conv2d':
        return this.#convolution(node, this.#padded(node, op.padding), op);
      case 'batchNorm':
        return this.#layer(node, from.form, 'BatchNormalization', from.layer, {
          ...lastAxis(from.form),
          epsilon: op.epsilon,
          momentum: 1 - op.momentum,
        });
      case 'relu':
        return this.#layer(node, from.form, 'ReLU', from.layer);
      case 'maxPool':
        if (op.padding > 0) throw unsupported(node, 'max pooling with padding');
        return this.#layer(node, 'image', 'MaxPooling2D', this.#image(node), pool(op));
      case 'avgPool':
        return this.#layer(node, 'image', 'AveragePooling2D', this.#padded(node, op.padding), pool(op));
      case 'globalAvgPool':
        return this.#layer(node, 'flat', 'GlobalAveragePooling2D', this.#image(node), channelsLast);
      case 'flatten':
        this.#outputs.set(name, { layer: this.flat(inputs[0]), form: 'flat', shape: node.outShape });
        return;
      case 'dropout':
        this.#outputs.set(name, from);
        return;
      case 'add': {
        const forms = inputs.map((input) => this.#outputs.get(input)!.form);
        const form = forms.includes('flat') ? 'flat' : 'image';
        const layers = inputs.map((input) =>
          form === 'flat' ? this.flat(input) : this.#outputs.get(input)!.layer,
        );
        this.#push('Add', name, layers, {});
        this.#outputs.set(name, { layer: name, form, shape: node.outShape });
        return;
      }
      case 'shortcut': {
        // Every stride-th pixel and channels of zeros: a 1 x 1 convolution with ones on the diagonal.
        const [inChannels] = node.inShapes[0];
        const values = new Float32Array(inChannels * op.outputs);
        for (let c = 0; c < Math.min(inChannels, op.outputs); c++) values[c * op.outputs + c] = 1;
        this.#constant(`${name}/kernel`, [1, 1, inChannels, op.outputs], values);
        const identity = { kernel: [1, 1] as const, stride: op.stride, outputs: op.outputs, bias: false };
        return this.#convolution(node, this.#image(node), identity, false);
      }
    }
  }

  /** @returns the layer that yields a layer's output as [batch, features], features in our order: channels first */
  flat(name: string): string {
    const { layer, form, shape } = this.#outputs.get(name)!;
    if (form === 'flat') return layer;
    const reorders = shape[1] * shape[2] > 1 && shape[0] > 1;
    const from = reorders ? this.#push('Permute', `${name}.chw`, [layer], { dims: [3, 1, 2] }) : layer;
    return this.#push('Flatten', `${name}.flat`, [from], channelsLast);
  }

  #convolution(
    node: AnalysedNode,
    from: string,
    op: { outputs: number; kernel: readonly [number, number]; stride: number; bias: boolean },
    trainable = true,
  ): void {
    this.#layer(node, 'image', 'Conv2D', from, {
      ...channelsLast,
      filters: op.outputs,
      kernel_size: op.kernel,
      strides: [op.stride, op.stride],
      padding: 'valid',
      use_bias: op.bias,
      kernel_initializer: zeros,
      trainable,
    });
  }

  #layer(node: AnalysedNode, form: Form, type: string, from: string, config = {}): void {
    this.#push(type, node.name, [from], config);
    this.#outputs.set(node.name, { layer: node.name, form, shape: node.outShape });
  }

  #padded(node: AnalysedNode, padding: number): string {
    const from = this.#image(node);
    if (padding === 0) return from;
    const sides = [padding, padding];
    return this.#push('ZeroPadding2D', `${node.name}.padded`, [from], {
      ...channelsLast,
      padding: [sides, sides],
    });
  }

  #image(node: AnalysedNode): string {
    const { layer, form } = this.#outputs.get(node.inputs[0])!;
    if (form === 'flat') throw unsupported(node, `${node.op.kind} of flat features`);
    return layer;
  }

  #push(type: string, name: string, inputs: readonly string[], config: object): string {
    if (this.layers.some((layer) => layer.name === name)) return name;
    const inbound = inputs.map((input): [string, number, number, object] => [input, 0, 0, {}]);
    this.layers.push({
      class_name: type,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: inbound.length > 0 ? [inbound] : [],
    });
    return name;
  }

  #constant(name: string, shape: readonly number[], values: ArrayLike<number>): void {
    this.constants.push({ name, shape, values: Float32Array.from(values) });
  }
}

const channelsLast = { data_format: 'channels_last' };
/** The weights come from the file: drawing random ones first would cost time. */
const zeros = { class_name: 'Zeros', config: {} };
const lastAxis = (form: Form) => ({ axis: form === 'flat' ? 1 : 3 });

const pool = ({ kernel, stride }: { kernel: number; stride: number }) => ({
  ...channelsLast,
  pool_size: [kernel, kernel],
  strides: [stride, stride],
  padding: 'valid',
});

const unsupported = ({ name }: AnalysedNode, what: string) =>
  new UserError('unsupported-layer', `layer ${name}: ${what} cannot be written for TensorFlow.js`, 'format');
