import type * as Core from '@tensorflow/tfjs-core';
import { activationShape } from './images.ts';
import type { ConvWindow, Ops, PoolWindow, ProgramBody, Variable } from './ops.ts';

type Tensor = Core.Tensor;
type Image = Core.Tensor4D;

/**
 * The operations over TensorFlow.js kernels, which exist for plain JavaScript and for WebGPU alike. What the kernels
 * lack (gradients of batch norm, pooling that divides by the whole window) is composed of what they have.
 * @param tf the one instance of the core that the backend was registered with; its current backend computes
 * @param description what computes, for provenance
 */
export function createTfjsOps(tf: typeof Core, description: string): Ops<Tensor> {
  /** Values of variables that a running program has replaced; its other operations may still need them. */
  const replaced: Tensor[] = [];
  let inProgram = false;

  const kernel = (name: string, inputs: Record<string, Tensor>, attributes: object = {}) =>
    tf.engine().runKernel<Tensor>(name, inputs, attributes as Core.NamedAttrMap);
  /** Bytes become floats here: integers take as much space, and not every shader of WebGPU takes them. */
  const upload = (data: Float32Array | Uint8Array, shape: readonly number[]): Tensor =>
    tf.tensor(Float32Array.from(data), [...shape], 'float32');
  const read = async (tensor: Tensor) => (await tensor.data<'float32'>()).slice();
  const toFloat = (x: Tensor): Tensor => tf.cast(x, 'float32');
  const allButLast = (x: Tensor) => x.shape.map((_, axis) => axis).slice(0, -1);
  const sumAllButLast = (x: Tensor): Tensor => tf.sum(x, allButLast(x));
  const convolution = ({ stride, padding }: ConvWindow) => ({
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [1, 1],
  });
  const pooling = ({ kernel: size, stride }: PoolWindow, pad: number) => ({
    filterSize: [size, size],
    strides: [stride, stride],
    pad,
  });
  const padded = (x: Tensor, padding: number): Tensor =>
    padding === 0 ? x : tf.pad(x, [[0, 0], [padding, padding], [padding, padding], [0, 0]]); // prettier-ignore

  const variable = (data: Float32Array, shape: readonly number[]): Variable<Tensor> => {
    let current = tf.keep(upload(data, shape));
    const replace = (next: Tensor) => {
      if (inProgram) replaced.push(current);
      else current.dispose();
      current = next;
    };
    return {
      shape,
      value: () => current,
      assign: (value) => replace(tf.keep(tf.clone(value))),
      read: () => read(current),
      write: (next) => replace(tf.keep(upload(next, shape))),
      free: () => current.dispose(),
    };
  };

  const run = (body: ProgramBody<Tensor>, inputs: readonly Tensor[]): Tensor[] => {
    inProgram = true;
    try {
      return tf.tidy(() => body(inputs));
    } finally {
      inProgram = false;
      tf.dispose(replaced.splice(0));
    }
  };

  return {
    describe: () => description,
    batchParts: 1,
    fuses: false,
    upload,
    uploadImages(images, count, { shape: [channels, height, width], scale, shift }) {
      const plane = height * width;
      const normalised = new Float32Array(images.length);
      for (let from = 0; from < images.length; from++) {
        const image = Math.floor(from / (channels * plane));
        const channel = Math.floor(from / plane) % channels;
        const to = (image * plane + (from % plane)) * channels + channel;
        normalised[to] = images[from] * scale[channel] + shift[channel];
      }
      return tf.tensor(normalised, activationShape(count, [channels, height, width]), 'float32');
    },
    read,
    free: (tensor) => tensor.dispose(),
    shapeOf: (tensor) => tensor.shape,
    variable,
    program: (_, body) => (inputs) => run(body, inputs),
    constant: (values, shape) => tf.tensor([...values], [...shape], 'float32'),

    toFloat,
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    maximum: (a, b) => tf.maximum(a, b),
    minimum: (a, b) => tf.minimum(a, b),
    sqrt: (x) => tf.sqrt(x),
    square: (x) => tf.square(x),
    nonZero: (x) => toFloat(tf.notEqual(x, 0)),
    equal: (a, b) => toFloat(tf.equal(a, b)),
    select: (mask, a, b) => tf.where(tf.cast(mask, 'bool'), a, b),
    gather(table, indices) {
      const last = tf.minimum(indices, table.size - 1);
      return tf.gather(table, tf.cast(last, 'int32'));
    },
    sum: (x, axes, keepDims = false) => tf.sum(x, [...axes], keepDims),
    reshape: (x, shape) => tf.reshape(x, [...shape]),
    transpose: (x, permutation) => tf.transpose(x, [...permutation]),
    concat: (tensors, axis) => tf.concat([...tensors], axis),
    split: (x, sizes) => tf.split(x, [...sizes], 0),
    stridedSlice: (x, begin, end, strides) => tf.stridedSlice(x, [...begin], [...end], [...strides]),
    pad: (x, paddings) =>
      tf.pad(
        x,
        paddings.map(([before, after]) => [before, after]),
      ),

    matMul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      tf.matMul(a, b, transposeA, transposeB),
    conv2d: (x, filter, window) => kernel(tf.Conv2D, { x, filter }, convolution(window)),
    conv2dInputGradient: (dy, filter, inputShape, window) =>
      kernel(tf.Conv2DBackpropInput, { dy, filter }, { ...convolution(window), inputShape }),
    conv2dFilterGradient: (dy, x, filterShape, window) =>
      kernel(tf.Conv2DBackpropFilter, { x, dy }, { ...convolution(window), filterShape }),
    biasAdd: (x, bias) => tf.add(x, bias),
    biasGradient: sumAllButLast,
    relu: (x) => tf.relu(x),
    reluGradient: (dy, y) => tf.mul(dy, tf.step(y)),

    batchNorm(x, gamma, beta, epsilon) {
      const count = allButLast(x).reduce((product, axis) => product * x.shape[axis], 1);
      const mean: Tensor = tf.div(sumAllButLast(x), count);
      const squares = sumAllButLast(tf.square(tf.sub(x, mean)));
      const variance: Tensor = tf.div(squares, count);
      return {
        y: normalise(x, gamma, beta, mean, variance, epsilon),
        mean,
        unbiasedVariance: tf.div(squares, Math.max(count - 1, 1)),
        reserved: [variance],
      };
    },
    batchNormGradient(dy, x, gamma, { mean, reserved: [variance] }, epsilon) {
      const count = allButLast(x).reduce((product, axis) => product * x.shape[axis], 1);
      const inverseStd = tf.rsqrt(tf.add(variance, epsilon));
      const normalised = tf.mul(tf.sub(x, mean), inverseStd);
      const dBeta = sumAllButLast(dy);
      const dGamma = sumAllButLast(tf.mul(dy, normalised));
      const common = tf.div(tf.add(dBeta, tf.mul(normalised, dGamma)), count);
      return { dx: tf.mul(tf.mul(gamma, inverseStd), tf.sub(dy, common)), dGamma, dBeta };
    },
    batchNormInference: normalise,

    maxPool: (x, window) => kernel(tf.MaxPool, { x }, pooling(window, window.padding)),
    maxPoolGradient: (dy, x, y, window) =>
      tf.getBackend() === 'webgpu'
        ? mirroredMaxPoolGradient(dy as Image, x as Image, y as Image, window)
        : kernel(tf.MaxPoolGrad, { dy, input: x, output: y }, pooling(window, window.padding)),
    avgPool: (x, window) => kernel(tf.AvgPool, { x: padded(x, window.padding) }, pooling(window, 0)),
    avgPoolGradient(dy, xShape, window) {
      const { padding } = window;
      const [n, h, w, c] = xShape;
      const input = tf.zeros([n, h + 2 * padding, w + 2 * padding, c]);
      const dx = kernel(tf.AvgPoolGrad, { dy, input }, pooling(window, 0)) as Image;
      return padding === 0 ? dx : tf.slice(dx, [0, padding, padding, 0], [n, h, w, c]);
    },

    softmaxCrossEntropyGradient: (logits, targets) => tf.sub(tf.exp(tf.logSoftmax(logits)), targets),

    momentumStep(theta, u, g, learningRate, momentum, nesterov) {
      const velocity: Tensor = tf.add(tf.mul(u.value(), momentum), g);
      const direction = nesterov ? tf.add(g, tf.mul(velocity, momentum)) : velocity;
      theta.assign(tf.sub(theta.value(), tf.mul(direction, learningRate)));
      u.assign(velocity);
    },
    gradientStep: (theta, g, learningRate) => theta.assign(tf.sub(theta.value(), tf.mul(g, learningRate))),

    memoryBytes: () => tf.memory().numBytes,
    liveTensors: () => tf.memory().numTensors,
    /** Every tensor has an owner that frees it, and the backend is the caller's. */
    dispose: () => undefined,
  };

  /** For a kernel that gives the gradient to the last of several maxima, which seen from the other end is the first. */
  function mirroredMaxPoolGradient(dy: Image, x: Image, y: Image, window: PoolWindow): Tensor {
    const { kernel: size, stride, padding } = window;
    const [n, height, width, c] = x.shape;
    const mirror = (image: Image) => tf.reverse(image, [1, 2]);
    /** Rows or columns of the padded image that windows reach; what lies beyond would shift them when mirrored. */
    const reach = (outputs: number) => (outputs - 1) * stride + size;
    const [rows, columns] = [reach(y.shape[1]), reach(y.shape[2])];
    const behind = (inputs: number, reached: number) => Math.max(reached - padding - inputs, 0);
    const paddings: [number, number][] = [
      [0, 0],
      [padding, behind(height, rows)],
      [padding, behind(width, columns)],
      [0, 0],
    ];
    const reached = tf.slice(tf.pad(x, paddings, -3e38), [0, 0, 0, 0], [n, rows, columns, c]);
    const inputs = { dy: mirror(dy), input: mirror(reached), output: mirror(y) };
    const dx = mirror(kernel(tf.MaxPoolGrad, inputs, pooling(window, 0)) as Image);
    const [ownRows, ownColumns] = [Math.min(height, rows - padding), Math.min(width, columns - padding)];
    const own = tf.slice(dx, [0, padding, padding, 0], [n, ownRows, ownColumns, c]);
    return tf.pad(own, [[0, 0], [0, height - ownRows], [0, width - ownColumns], [0, 0]]); // prettier-ignore
  }

  function normalise(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ) {
    return kernel(
      tf.FusedBatchNorm,
      { x, scale: gamma, offset: beta, mean, variance },
      { varianceEpsilon: epsilon },
    );
  }
}
