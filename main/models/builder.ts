import { UserError } from '../../shared/errors.ts';
import type { Graph, Node, Op, Shape } from './graph.ts';

/** Writes a graph layer by layer: each one follows the last unless told otherwise. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  #last = 'input';

  /**
   * Appends a layer.
   * @param inputs names of the layers it reads; the one added last by default
   * @returns its name
   */
  add(name: string, op: Op, inputs: readonly string[] = [this.#last]): string {
    this.#nodes.push({ name, op, inputs });
    this.#last = name;
    return name;
  }

  linear(name: string, outputs: number): string {
    return this.add(name, { kind: 'linear', outputs, bias: true });
  }

  /** A square convolution without bias, for use before a batch norm, `same` padding at stride 1. */
  conv(name: string, outputs: number, kernel: 1 | 3, stride = 1, from = this.#last): string {
    const padding = (kernel - 1) / 2;
    return this.add(
      name,
      { kind: 'conv2d', outputs, kernel: [kernel, kernel], stride, padding, bias: false },
      [from],
    );
  }

  /** PyTorch's default batch norm. */
  batchNorm(name: string, from = this.#last): string {
    return this.add(name, { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 }, [from]);
  }

  relu(name: string): string {
    return this.add(name, { kind: 'relu' });
  }

  /** 2 x 2 max pooling. */
  maxPool(name: string): string {
    return this.add(name, { kind: 'maxPool', kernel: 2, stride: 2, padding: 0 });
  }

  get last(): string {
    return this.#last;
  }

  finish(input: Graph['input'], classes: number): Graph {
    return { input, nodes: this.#nodes, classes };
  }
}

/**
 * Refuses data that a convolutional network cannot take.
 * @param side the smallest height and width that leave every layer an output
 * @throws UserError `model-mismatch`
 */
export function requireImages(title: string, [channels, height, width]: Shape, side: number): void {
  if (height >= side && width >= side) return;
  const found = height * width === 1 ? `vectors of ${channels} features` : `images of ${height} x ${width}`;
  throw new UserError(
    'model-mismatch',
    `model.id: ${title} needs images of at least ${side} x ${side}; this data set has ${found}`,
    'model.id',
  );
}
