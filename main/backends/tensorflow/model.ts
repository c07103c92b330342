import type { AnalysedNode } from '../../models/graph.ts';
import type { Layer, Pass, Step } from './layer.ts';
import { createLayer, type Stores } from './layers.ts';
import type { Ops } from './ops.ts';

/** One node of the graph. */
interface Stage<T> {
  name: string;
  inputs: readonly string[];
  layer: Layer<T>;
}

/** The layers of a graph as one computation and the way back through it. */
export class Model<T> {
  readonly #ops: Ops<T>;
  /** In execution order. */
  readonly #stages: readonly Stage<T>[];
  /** Tensors that depend on a parameter: those whose gradients are needed. */
  readonly #trained = new Set<string>();

  constructor(ops: Ops<T>, nodes: readonly AnalysedNode[], stores: Stores<T>) {
    this.#ops = ops;
    this.#stages = nodes.map((node) => {
      const { name, inputs } = node;
      const trainedInput = inputs.some((from) => this.#trained.has(from));
      if (trainedInput || stores.parameters.has(`${name}.weight`)) this.#trained.add(name);
      return { name, inputs, layer: createLayer(ops, node, stores, trainedInput) };
    });
  }

  /**
   * @param samples normalised [N, H, W, C], or flat [N, C]
   * @returns logits [N, classes], and the function that takes their gradient back to the parameters
   */
  forward(samples: T, pass: Pass<T>): { logits: T; backward: (dLogits: T) => void } {
    const outputs = new Map<string, T>([['input', samples]]);
    const steps = this.#stages.map(({ name, inputs, layer }): Step<T> => {
      const step = layer(
        inputs.map((from) => outputs.get(from)!),
        pass,
      );
      outputs.set(name, step.y);
      return step;
    });
    return { logits: steps.at(-1)!.y, backward: (dLogits) => this.#backward(steps, dLogits) };
  }

  #backward(steps: readonly Step<T>[], dLogits: T): void {
    const gradients = new Map<string, T>([[this.#stages.at(-1)!.name, dLogits]]);
    for (const [index, { name, inputs }] of [...this.#stages.entries()].reverse()) {
      const dy = gradients.get(name);
      // Nothing that is trained lies before the node, or nothing that the loss sees behind it.
      if (dy === undefined || !this.#trained.has(name)) continue;
      for (const [j, dx] of steps[index].backward(dy).entries()) {
        if (dx === undefined || !this.#trained.has(inputs[j])) continue;
        const other = gradients.get(inputs[j]);
        gradients.set(inputs[j], other === undefined ? dx : this.#ops.add(other, dx));
      }
    }
  }
}
