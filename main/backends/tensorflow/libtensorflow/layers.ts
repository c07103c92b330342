import type { ConvWindow, Ops } from '../ops.ts';
import { arrangement } from './arrangement.ts';
import { channelsLast, flag, float, float32, integers, text, type } from './attributes.ts';
import { dataType, type Attribute } from './binding.ts';
import type { Executor, NativeTensor } from './executor.ts';
import { pooling } from './pooling.ts';

type Tensor = NativeTensor;
export type Layers = Pick<
  Ops<Tensor>,
  | 'conv2d'
  | 'conv2dInputGradient'
  | 'conv2dFilterGradient'
  | 'biasAdd'
  | 'biasGradient'
  | 'relu'
  | 'reluGradient'
  | 'batchNorm'
  | 'batchNormGradient'
  | 'batchNormInference'
  | 'softmaxCrossEntropyGradient'
>;

/** TensorFlow's fused operations for layers and the loss, with their gradients. */
export function layers(executor: () => Executor): Layers {
  const run = (operation: string, attributes: readonly Attribute[], ...inputs: Tensor[]): Tensor =>
    executor().execute(operation, attributes, inputs, 1)[0];
  const list = (values: readonly number[]) => executor().integers(values, [values.length]);
  const { reshape } = arrangement(executor);
  const { avgPool } = pooling(executor);
  const empty = () => executor().constant(new Float32Array(0), [0]);

  /** Fused batch norm takes images: features [N, F] pass as images of one pixel. */
  const asImage = (x: Tensor): Tensor =>
    x.shape.length === 4 ? x : reshaped(x, [x.shape[0], 1, 1, x.shape[1]]);
  const reshaped = (x: Tensor, shape: readonly number[]): Tensor =>
    x.shape.length === shape.length ? x : reshape(x, shape);

  return {
    conv2d: (x, filter, window) => run('Conv2D', convolution(window, symmetric(window.padding)), x, filter),
    conv2dInputGradient(dy, filter, xShape, window) {
      const padding = gradientPadding(window, xShape, filter.shape, dy.shape);
      return run('Conv2DBackpropInput', convolution(window, padding), list(xShape), filter, dy);
    },
    conv2dFilterGradient(dy, x, filterShape, window) {
      const { stride, padding } = window;
      // oneDNN is wrong for pointwise filters with a stride and 5 channels, say: they see only every stride-th pixel.
      const pointwise = filterShape[0] === 1 && filterShape[1] === 1 && padding === 0 && stride > 1;
      const seen = pointwise ? avgPool(x, { kernel: 1, stride, padding }) : x;
      const strided = pointwise ? { stride: 1, padding } : window;
      const attributes = convolution(strided, gradientPadding(strided, seen.shape, filterShape, dy.shape));
      return run('Conv2DBackpropFilter', attributes, seen, list(filterShape), dy);
    },
    biasAdd: (x, bias) => run('BiasAdd', [float32, channelsLast], x, bias),
    biasGradient: (dy) => run('BiasAddGrad', [float32, channelsLast], dy),
    relu: (x) => run('Relu', [float32], x),
    reluGradient: (dy, y) => run('ReluGrad', [float32], dy, y),

    batchNorm(x, gamma, beta, epsilon) {
      const attributes = normalisation(epsilon, true, float('exponential_avg_factor', 1));
      const inputs = [asImage(x), gamma, beta, empty(), empty()];
      const [y, mean, unbiasedVariance, ...reserved] = executor().execute(
        'FusedBatchNormV3',
        attributes,
        inputs,
        6,
      );
      return { y: reshaped(y, x.shape), mean, unbiasedVariance, reserved };
    },
    batchNormGradient(dy, x, gamma, { reserved }, epsilon) {
      const inputs = [asImage(dy), asImage(x), gamma, ...reserved];
      const [dx, dGamma, dBeta] = executor().execute(
        'FusedBatchNormGradV3',
        normalisation(epsilon, true),
        inputs,
        5,
      );
      return { dx: reshaped(dx, x.shape), dGamma, dBeta };
    },
    batchNormInference(x, gamma, beta, mean, variance, epsilon) {
      const attributes = normalisation(epsilon, false, float('exponential_avg_factor', 1));
      const y = executor().execute(
        'FusedBatchNormV3',
        attributes,
        [asImage(x), gamma, beta, mean, variance],
        6,
      )[0];
      return reshaped(y, x.shape);
    },

    softmaxCrossEntropyGradient: (logits, targets) =>
      executor().execute('SoftmaxCrossEntropyWithLogits', [float32], [logits, targets], 2)[1],
  };
}

function convolution({ stride }: ConvWindow, padding: readonly Attribute[]): Attribute[] {
  return [
    float32,
    integers('strides', [1, stride, stride, 1]),
    integers('dilations', [1, 1, 1, 1]),
    flag('use_cudnn_on_gpu', true),
    channelsLast,
    ...padding,
  ];
}

/** The same padding on all four sides, as every engine has it; TensorFlow's SAME is asymmetric at stride 2. */
function symmetric(padding: number): Attribute[] {
  if (padding === 0) return [text('padding', 'VALID')];
  const sides = [0, 0, padding, padding, padding, padding, 0, 0];
  return [text('padding', 'EXPLICIT'), integers('explicit_paddings', sides)];
}

/**
 * Symmetric padding of a convolution's gradient: as SAME where that means the same. With explicit padding TensorFlow
 * does not take oneDNN's gradients, which are up to ten times as fast.
 */
function gradientPadding(
  { stride, padding }: ConvWindow,
  xShape: readonly number[],
  filterShape: readonly number[],
  dyShape: readonly number[],
): Attribute[] {
  const same = [1, 2].every((axis) => {
    const [input, output, kernel] = [xShape[axis], dyShape[axis], filterShape[axis - 1]];
    return output === Math.ceil(input / stride) && (output - 1) * stride + kernel - input === 2 * padding;
  });
  return same && padding > 0 ? [text('padding', 'SAME')] : symmetric(padding);
}

function normalisation(epsilon: number, training: boolean, ...more: Attribute[]): Attribute[] {
  return [
    float32,
    type('U', dataType.float32),
    float('epsilon', epsilon),
    flag('is_training', training),
    channelsLast,
    ...more,
  ];
}
