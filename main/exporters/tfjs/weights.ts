import type { NamedTensor } from '../trained-model.ts';
import type { KerasLayer } from './topology.ts';

/** Keras' names of a layer's weights, and PyTorch's. */
const parts: Record<string, Record<string, string>> = {
  Conv2D: { kernel: 'weight', bias: 'bias' },
  Dense: { kernel: 'weight', bias: 'bias' },
  BatchNormalization: {
    gamma: 'weight',
    beta: 'bias',
    moving_mean: 'running_mean',
    moving_variance: 'running_var',
  },
};

/** Keras' axes in the order of ours: filters [kh, kw, in, out] of [out, in, kh, kw], matrices [in, out] of [out, in]. */
const axes: Record<number, number[]> = { 4: [2, 3, 1, 0], 2: [1, 0] };

/**
 * Pairs every weight of the model with its name in the file, for layers that hold any.
 * @returns `fc.weight` and `fc/kernel`, and so on
 */
export function weightNames(layers: readonly KerasLayer[]): { ours: string; keras: string }[] {
  const holding = layers.filter(({ class_name, config }) => class_name in parts && config.trainable);
  return holding.flatMap(({ class_name, name, config }) =>
    Object.entries(parts[class_name])
      .filter(([part]) => part !== 'bias' || config.use_bias)
      .map(([part, ours]) => ({ ours: `${name}.${ours}`, keras: `${name}/${part}` })),
  );
}

export function toKeras({ name, shape, values }: NamedTensor): NamedTensor {
  return transpose({ name, shape, values }, axes[shape.length]);
}

export function fromKeras({ name, shape, values }: NamedTensor): NamedTensor {
  const order = axes[shape.length];
  return transpose({ name, shape, values }, order && order.map((_, axis) => order.indexOf(axis)));
}

/** @param order which axis each axis of the result was; vectors stay */
function transpose(tensor: NamedTensor, order: number[] | undefined): NamedTensor {
  if (!order) return tensor;
  const { name, shape, values } = tensor;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const target = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const result = new Float32Array(values.length);
  const index = target.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from];
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < target[axis]) break;
      from -= steps[axis] * target[axis];
      index[axis] = 0;
    }
  }
  return { name, shape: target, values: result };
}
