import { defineFields, type ValuesOf, type Values } from './fields.ts';

/**
 * A run is a frozen RunConfig that a training process turns into a stream of frames. Everything that influences
 * the result is in here; how often to draw or checkpoint is not.
 */
export interface RunConfig {
  version: 1;
  name: string;
  model: Choice;
  dataset: Choice;
  method: Choice;
  training: ValuesOf<typeof trainingFields>;
  schedule: Values;
  augmentation: Values;
  engine: ValuesOf<typeof engineFields>;
  /** Weights to begin with instead of fresh ones; absent for a run that starts from its seed. */
  start?: StartingWeights;
}

/**
 * A checkpoint of another run whose weights, biases and batch-norm statistics a run begins with. Its masks, duals and
 * optimiser state are not taken over: the method sets up its own, as from fresh weights.
 */
export interface StartingWeights {
  run: string;
  step: number;
  /** Of the checkpoint file, which is copied into the new run's folder. */
  sha256: string;
}

/** An engine by name; what computes a run in the end, where a config may leave the choice open with `auto`. */
export type EngineId = Exclude<RunConfig['engine']['backend'], 'auto'>;

/** Something from a registry with its settings: `{ id: 'mlp', values: { widths: [300, 100] } }`. */
export interface Choice {
  id: string;
  values: Values;
}

export const trainingFields = defineFields({
  epochs: {
    type: 'integer',
    label: 'Epochs',
    default: 20,
    min: 1,
    max: 100000,
    help: 'Passes over the training split.',
  },
  batchSize: {
    type: 'integer',
    label: 'Batch size',
    default: 128,
    min: 1,
    max: 16384,
    unit: 'samples',
    help: 'Samples per step. The last partial batch of an epoch is dropped.',
  },
  seed: {
    type: 'integer',
    label: 'Seed',
    default: 0,
    min: 0,
    max: 4294967295,
    help: 'Fixes the initial weights, the data order and every random choice of the method.',
  },
  initialization: {
    type: 'choice',
    label: 'Initial weights',
    default: 'kaiming',
    options: [
      { value: 'kaiming', label: 'Kaiming normal' },
      { value: 'uniform', label: 'uniform, as in PyTorch' },
    ],
    help:
      'Kaiming normal has standard deviation √(2/fan-in). Uniform in ±1/√fan-in is smaller, PyTorch’s default for ' +
      'linear and convolution layers, and often better for dense networks without batch norm.',
    paper: 'arXiv 1502.01852, Equation 10',
  },
  labelSmoothing: {
    type: 'number',
    label: 'Label smoothing',
    default: 0,
    min: 0,
    max: 1,
    exclusiveMax: true,
    help: 'Mixes the target with the uniform distribution; 0.1 is usual for large image networks.',
  },
  gradientClipping: {
    type: 'number',
    label: 'Gradient clipping',
    default: 0,
    min: 0,
    help: 'Scales gradients down to this Euclidean norm; 0 turns it off.',
  },
  keepDense: {
    type: 'choice',
    label: 'Keep dense',
    default: 'none',
    options: [
      { value: 'none', label: 'no layer' },
      { value: 'first', label: 'first layer' },
      { value: 'last', label: 'last layer' },
      { value: 'both', label: 'first and last layer' },
    ],
    help: 'Layers that the method leaves dense. At high sparsity a dense last layer often gains accuracy.',
  },
});

export const engineFields = defineFields({
  backend: {
    type: 'choice',
    label: 'Engine',
    default: 'auto',
    options: [
      { value: 'auto', label: 'fastest for this run' },
      { value: 'native', label: 'native sparse CPU kernels' },
      { value: 'tensorflow', label: 'TensorFlow' },
      { value: 'webgpu', label: 'WebGPU' },
      { value: 'reference', label: 'TypeScript reference (slow)' },
    ],
    help:
      'What computes. The fastest is found by timing a few steps of this very run on every engine that works here; ' +
      'sparse networks mostly belong to the native kernels, large dense ones to a GPU.',
  },
  threads: {
    type: 'integer',
    label: 'Threads',
    default: 0,
    min: 0,
    max: 256,
    help: 'Threads of engines that compute on the CPU; 0 uses every core.',
  },
  execution: {
    type: 'choice',
    label: 'Layer execution',
    default: 'auto',
    options: [
      { value: 'auto', label: 'measured per layer' },
      { value: 'sparse', label: 'always sparse' },
      { value: 'dense', label: 'always dense' },
    ],
    help: 'Sparse or dense kernels per layer. Both give the same bits; automatic keeps the faster one.',
  },
});

/** Every engine, the ones to prefer first. */
export const engineIds: readonly EngineId[] = engineFields.backend.options
  .map(({ value }) => value)
  .filter((value) => value !== 'auto');
