import type { AnalysedNode, Shape } from '../../models/graph.ts';
import { batchNorm } from './batch-norm.ts';
import { convolution } from './convolution.ts';
import { add, dropout, flatten, relu, shortcut } from './elementwise.ts';
import type { Layer } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { avgPool, globalAvgPool, maxPool } from './pooling.ts';

/** What layers take from the network by name. */
export interface Stores {
  parameters: ReadonlyMap<string, Parameter>;
  buffers: ReadonlyMap<string, Float32Array>;
}

/** Builds the layer of a graph's node. */
export function createLayer(node: AnalysedNode, index: number, { parameters, buffers }: Stores): Layer {
  const { name, op, outShape } = node;
  const input = node.inShapes[0];
  const size = sizeOf(input);
  const weight = parameters.get(`${name}.weight`)!;
  const bias = parameters.get(`${name}.bias`);
  switch (op.kind) {
    case 'linear':
      return convolution({ input, output: outShape, kernel: [1, 1], stride: 1, padding: 0 }, weight, bias);
    case 'conv2d':
      return convolution({ input, output: outShape, ...op }, weight, bias);
    case 'batchNorm':
      return batchNorm(input, op, {
        gamma: weight,
        beta: bias!,
        runningMean: buffers.get(`${name}.runningMean`)!,
        runningVar: buffers.get(`${name}.runningVar`)!,
      });
    case 'relu':
      return relu(size);
    case 'maxPool':
      return maxPool(input, outShape, op);
    case 'avgPool':
      return avgPool(input, outShape, op);
    case 'globalAvgPool':
      return globalAvgPool(input);
    case 'flatten':
      return flatten(size);
    case 'dropout':
      return dropout(size, op.rate, index);
    case 'add':
      return add(size);
    case 'shortcut':
      return shortcut(input, outShape, op.stride);
  }
}

export function sizeOf([channels, height, width]: Shape): number {
  return channels * height * width;
}
