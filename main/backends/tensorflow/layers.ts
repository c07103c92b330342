import type { AnalysedNode, Shape } from '../../models/graph.ts';
import { fromImage, toImage } from './images.ts';
import type { Layer } from './layer.ts';
import type { Ops, Variable } from './ops.ts';
import type { TensorParameter } from './parameter.ts';
import { avgPool, globalAvgPool, maxPool, shortcut } from './pooling.ts';

/** What layers take from the network by name. */
export interface Stores<T> {
  parameters: ReadonlyMap<string, TensorParameter<T>>;
  buffers: ReadonlyMap<string, Variable<T>>;
}

/**
 * Builds the layer of a graph's node.
 * @param wantsInputGradient false where nothing before the layer is trained
 */
export function createLayer<T>(
  ops: Ops<T>,
  node: AnalysedNode,
  { parameters, buffers }: Stores<T>,
  wantsInputGradient: boolean,
): Layer<T> {
  const { name, op, outShape } = node;
  const input = node.inShapes[0];
  const weight = parameters.get(`${name}.weight`)!;
  const bias = parameters.get(`${name}.bias`);
  switch (op.kind) {
    case 'linear':
      return linear(ops, weight, bias, wantsInputGradient);
    case 'conv2d':
      return convolution(ops, node, op, weight, bias, wantsInputGradient);
    case 'batchNorm':
      return batchNorm(ops, op, {
        gamma: weight,
        beta: bias!,
        runningMean: buffers.get(`${name}.runningMean`)!,
        runningVar: buffers.get(`${name}.runningVar`)!,
      });
    case 'relu':
      return ([x]) => {
        const y = ops.relu(x);
        return { y, backward: (dy) => [ops.reluGradient(dy, y)] };
      };
    case 'maxPool':
      return maxPool(ops, input, outShape, op);
    case 'avgPool':
      return avgPool(ops, input, outShape, op);
    case 'globalAvgPool':
      return globalAvgPool(ops, input);
    case 'flatten':
      return flatten(ops, input);
    case 'dropout':
      return dropout(ops, name, op.rate);
    case 'add':
      return ([a, b]) => ({ y: ops.add(a, b), backward: (dy) => [dy, dy] });
    case 'shortcut':
      return shortcut(ops, input, outShape, op.stride);
  }
}

/** Weights [out, in]. */
function linear<T>(
  ops: Ops<T>,
  weight: TensorParameter<T>,
  bias: TensorParameter<T> | undefined,
  wantsInputGradient: boolean,
): Layer<T> {
  return ([x], pass) => {
    const w = weight.value.value();
    const product = ops.matMul(x, w, { transposeB: true });
    return {
      y: bias ? ops.biasAdd(product, bias.value.value()) : product,
      backward(dy) {
        pass.gradient(weight, ops.matMul(dy, x, { transposeA: true }));
        if (bias) pass.gradient(bias, ops.biasGradient(dy));
        return [wantsInputGradient ? ops.matMul(dy, w) : undefined];
      },
    };
  };
}

/** Filters [kh, kw, in, out]. */
function convolution<T>(
  ops: Ops<T>,
  { inShapes: [input], outShape }: AnalysedNode,
  { stride, padding }: { stride: number; padding: number },
  weight: TensorParameter<T>,
  bias: TensorParameter<T> | undefined,
  wantsInputGradient: boolean,
): Layer<T> {
  const window = { stride, padding };
  return ([x], pass) => {
    const image = toImage(ops, x, input);
    const filter = weight.value.value();
    const product = ops.conv2d(image, filter, window);
    const y = bias ? ops.biasAdd(product, bias.value.value()) : product;
    return {
      y: fromImage(ops, y, outShape),
      backward(gradient) {
        const dy = toImage(ops, gradient, outShape);
        pass.gradient(weight, ops.conv2dFilterGradient(dy, image, weight.layout.shape, window));
        if (bias) pass.gradient(bias, ops.biasGradient(dy));
        if (!wantsInputGradient) return [undefined];
        const dx = ops.conv2dInputGradient(dy, filter, ops.shapeOf(image), window);
        return [fromImage(ops, dx, input)];
      },
    };
  };
}

/** As in PyTorch: running ← (1 − momentum) · running + momentum · batch, the variance unbiased (arXiv 1502.03167). */
function batchNorm<T>(
  ops: Ops<T>,
  { epsilon, momentum }: { epsilon: number; momentum: number },
  {
    gamma,
    beta,
    runningMean,
    runningVar,
  }: {
    gamma: TensorParameter<T>;
    beta: TensorParameter<T>;
    runningMean: Variable<T>;
    runningVar: Variable<T>;
  },
): Layer<T> {
  const follow = (running: Variable<T>, batch: T) => {
    const kept = ops.mul(running.value(), ops.constant([1 - momentum], []));
    running.assign(ops.add(kept, ops.mul(batch, ops.constant([momentum], []))));
  };
  return ([x], pass) => {
    const [scale, shift] = [gamma.value.value(), beta.value.value()];
    if (!pass.training) {
      const y = ops.batchNormInference(x, scale, shift, runningMean.value(), runningVar.value(), epsilon);
      return { y, backward: () => [undefined] };
    }
    const saved = ops.batchNorm(x, scale, shift, epsilon);
    follow(runningMean, saved.mean);
    follow(runningVar, saved.unbiasedVariance);
    return {
      y: saved.y,
      backward(dy) {
        const { dx, dGamma, dBeta } = ops.batchNormGradient(dy, x, scale, saved, epsilon);
        pass.gradient(gamma, dGamma);
        pass.gradient(beta, dBeta);
        return [dx];
      },
    };
  };
}

/** To CHW order, in which the weights of the layers behind it are stored. */
function flatten<T>(ops: Ops<T>, [channels, height, width]: Shape): Layer<T> {
  const features = channels * height * width;
  if (height * width === 1) return ([x]) => ({ y: x, backward: (dy) => [dy] });
  return ([x]) => {
    const shape = ops.shapeOf(x);
    // One channel is in that order already.
    if (channels === 1) {
      return { y: ops.reshape(x, [shape[0], features]), backward: (dy) => [ops.reshape(dy, shape)] };
    }
    return {
      y: ops.reshape(ops.transpose(x, [0, 3, 1, 2]), [shape[0], features]),
      backward: (dy) => [ops.transpose(ops.reshape(dy, [shape[0], channels, height, width]), [0, 2, 3, 1])],
    };
  };
}

/** Inverted dropout (JMLR 15, 2014). */
function dropout<T>(ops: Ops<T>, node: string, rate: number): Layer<T> {
  return ([x], pass) => {
    if (!pass.training) return { y: x, backward: (dy) => [dy] };
    const factor = ops.mul(ops.toFloat(pass.dropoutMask(node)), ops.constant([1 / (1 - rate)], []));
    return { y: ops.mul(x, factor), backward: (dy) => [ops.mul(dy, factor)] };
  };
}
