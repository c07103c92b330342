/**
 * The tensor operations that a network on a tensor engine is written in: one network, several engines. Images are
 * NHWC, filters HWIO, flat features [N, F], scalars []. All numbers are float32 except where said.
 *
 * `T` is the engine's own tensor. Operations return new tensors and never change their arguments. Inside a program
 * nothing needs to be freed; outside, `upload` and a program's results belong to the caller until `free`.
 */
export interface Ops<T> {
  /** What computes, for provenance: `TensorFlow 2.21.0, CPU, 2 threads`. */
  describe(): string;
  /** Into how many parts, computed side by side, a batch of samples that do not depend on each other is best cut. */
  readonly batchParts: number;
  /** Whether a program runs as one function, whose call costs more than its operations: one is faster than two. */
  readonly fuses: boolean;

  /** Copies numbers to the engine. Bytes may stay bytes there: `toFloat` before computing with them. */
  upload(data: Float32Array | Uint8Array, shape: readonly number[]): T;
  /**
   * Images [N][C][H][W] as x · scale[c] + shift[c] in the layout of layers, flat where they have one pixel. On the way to
   * the engine this is one pass over them; there it would be four.
   */
  uploadImages(images: Float32Array | Uint8Array, count: number, as: ImageInput): T;
  /** The tensor's numbers, row-major. Asynchronous on every engine. */
  read(tensor: T): Promise<Float32Array>;
  free(tensor: T): void;
  shapeOf(tensor: T): readonly number[];

  /** State that lives on the engine between programs. */
  variable(data: Float32Array, shape: readonly number[]): Variable<T>;
  /**
   * A computation that runs many times with tensors of the same shapes; an engine may trace it once per combination
   * of input shapes and run it as one function. In a body a variable is assigned at most once; what is read after that
   * is its new value. The results are the caller's; everything else is freed.
   * @param name says what it computes; equal names may stand for different bodies
   */
  program(name: string, body: ProgramBody<T>): Program<T>;
  /** A constant inside a program. */
  constant(values: readonly number[], shape: readonly number[]): T;

  toFloat(x: T): T;
  /** Elementwise with broadcasting as in NumPy. */
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  maximum(a: T, b: T): T;
  minimum(a: T, b: T): T;
  sqrt(x: T): T;
  square(x: T): T;
  /** 1 where x ≠ 0, else 0. */
  nonZero(x: T): T;
  /** 1 where a = b, else 0. */
  equal(a: T, b: T): T;
  /** a where mask = 1, b where mask = 0, with broadcasting. */
  select(mask: T, a: T, b: T): T;
  /** Entries of a vector at non-negative whole float32 indices; an index beyond its end takes the last entry. */
  gather(table: T, indices: T): T;
  /** Sum over axes; keepDims keeps them with size 1. */
  sum(x: T, axes: readonly number[], keepDims?: boolean): T;
  reshape(x: T, shape: readonly number[]): T;
  transpose(x: T, permutation: readonly number[]): T;
  concat(tensors: readonly T[], axis: number): T;
  /** Parts of these sizes along the first axis. */
  split(x: T, sizes: readonly number[]): T[];
  /** Entries begin, begin + stride, … below end along each axis. */
  stridedSlice(x: T, begin: readonly number[], end: readonly number[], strides: readonly number[]): T;
  /** Zeros before and after along each axis. */
  pad(x: T, paddings: readonly (readonly [number, number])[]): T;

  matMul(a: T, b: T, options?: { transposeA?: boolean; transposeB?: boolean }): T;
  /** x [N, H, W, I] with filter [kh, kw, I, O]; padding is symmetric, the same on all four sides. */
  conv2d(x: T, filter: T, window: ConvWindow): T;
  /** ∂/∂x of conv2d, given its output's gradient. */
  conv2dInputGradient(dy: T, filter: T, xShape: readonly number[], window: ConvWindow): T;
  /** ∂/∂filter of conv2d. */
  conv2dFilterGradient(dy: T, x: T, filterShape: readonly number[], window: ConvWindow): T;
  biasAdd(x: T, bias: T): T;
  /** Sum over all axes but the last. */
  biasGradient(dy: T): T;
  relu(x: T): T;
  /** dy where the output y of relu is > 0, else 0. */
  reluGradient(dy: T, y: T): T;

  /** Normalises over all axes but the last by the batch's own mean and biased variance. */
  batchNorm(x: T, gamma: T, beta: T, epsilon: number): BatchNormResult<T>;
  batchNormGradient(
    dy: T,
    x: T,
    gamma: T,
    saved: BatchNormResult<T>,
    epsilon: number,
  ): { dx: T; dGamma: T; dBeta: T };
  /** Normalises by given statistics. */
  batchNormInference(x: T, gamma: T, beta: T, mean: T, variance: T, epsilon: number): T;

  /** Padding counts as −∞; of several maxima the first in row-major order takes the gradient. */
  maxPool(x: T, window: PoolWindow): T;
  maxPoolGradient(dy: T, x: T, y: T, window: PoolWindow): T;
  /** Divides by the whole kernel area, padding included. */
  avgPool(x: T, window: PoolWindow): T;
  avgPoolGradient(dy: T, xShape: readonly number[], window: PoolWindow): T;

  /** Gradient of Σ −t·log softmax(logits) with respect to logits [N, C]: softmax − t. */
  softmaxCrossEntropyGradient(logits: T, targets: T): T;

  /** θ ← θ − τ(nesterov ? g + μu : u) with u ← μu + g, in place where the engine can. */
  momentumStep(
    theta: Variable<T>,
    u: Variable<T>,
    g: T,
    learningRate: T,
    momentum: T,
    nesterov: boolean,
  ): void;
  /** θ ← θ − τg, in place where the engine can. */
  gradientStep(theta: Variable<T>, g: T, learningRate: T): void;

  /** Bytes of all live tensors and variables. */
  memoryBytes(): number;
  /** Tensors and variables that are alive: what leak tests count. */
  liveTensors(): number;
  dispose(): void;
}

export interface Variable<T> {
  readonly shape: readonly number[];
  /** Its value now. */
  value(): T;
  assign(value: T): void;
  /** A copy of its numbers. */
  read(): Promise<Float32Array>;
  write(data: Float32Array): void;
  free(): void;
}

export type ProgramBody<T> = (inputs: readonly T[]) => T[];
export type Program<T> = (inputs: readonly T[]) => T[];

export interface ImageInput {
  /** [C, H, W]. */
  shape: readonly [number, number, number];
  scale: readonly number[];
  shift: readonly number[];
}

export interface ConvWindow {
  stride: number;
  padding: number;
}

export interface PoolWindow {
  kernel: number;
  stride: number;
  padding: number;
}

export interface BatchNormResult<T> {
  y: T;
  /** Of the batch, per channel. */
  mean: T;
  /** Divided by N − 1, as running statistics want it. */
  unbiasedVariance: T;
  /** What the engine's gradient wants back. */
  reserved: readonly T[];
}
