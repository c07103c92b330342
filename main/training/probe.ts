import { parseValues } from '../../shared/fields.ts';
import { Random } from '../../shared/random.ts';
import type { Choice } from '../../shared/run.ts';
import type { Backend, Batch, GradientMode, Network } from '../backends/backend.ts';
import type { Graph, Shape } from '../models/graph.ts';
import { initialize } from '../models/initialize.ts';
import { modelById } from '../models/registry.ts';

export interface ProbeOptions {
  backend: Backend;
  graph: Graph;
  batchSize: number;
  threads: number;
  /** Weights that get masks. */
  sparse: ReadonlySet<string>;
  execution?: 'auto' | 'sparse' | 'dense';
}

export interface Sampling {
  /** Measured steps, at least. */
  steps: number;
  /** Measured for at least this long, milliseconds, unless that takes more than 2000 steps. */
  milliseconds?: number;
  /** Steps before, in which the engine chooses its kernels. */
  warmUp?: number;
  /** Ends after this time, milliseconds, as soon as one step is measured. */
  limit?: number;
}

const mostSteps = 2000;

/** How a network takes its input when there is no data set to measure: bytes become about standard normal. */
export function probeInput(shape: Shape): Graph['input'] {
  const channels = shape[0];
  return { shape, scale: Array<number>(channels).fill(1 / 64), shift: Array<number>(channels).fill(-2) };
}

/** A model's network for data of this shape, to be probed. */
export function probeGraph({ id, values }: Choice, shape: Shape, classes: number): Graph {
  const { fields, build } = modelById(id);
  return build(parseValues(fields, values, 'model'), probeInput(shape), classes);
}

/** Times training steps of a network on a batch of noise: how long they take depends on shapes and masks alone. */
export class StepProbe {
  readonly network: Network;
  readonly #batch: Batch;

  private constructor(network: Network, batch: Batch) {
    this.network = network;
    this.#batch = batch;
  }

  static async create({
    backend,
    graph,
    batchSize,
    threads,
    sparse,
    execution,
  }: ProbeOptions): Promise<StepProbe> {
    const network = await backend.compile(graph, { maxBatch: batchSize, threads, sparse, execution });
    await initialize(network, new Random(0, 'initialize'), 'kaiming');
    return new StepProbe(network, noise(graph, batchSize));
  }

  /**
   * Gives each sparse weight a random mask. Masks of a lower density lie inside those of a higher one, so that weights
   * that stay keep their values.
   */
  async mask(densityOf: (name: string) => number): Promise<void> {
    for (const { name, size } of this.network.parameters.filter((p) => p.sparse)) {
      const random = new Random(1, name);
      const density = densityOf(name);
      await this.network.writeMask(
        name,
        Uint8Array.from({ length: size }, () => (random.uniform() < density ? 1 : 0)),
      );
    }
  }

  /** Median time of forward pass, backward pass and SGD update, milliseconds. */
  async stepMs(gradients: GradientMode, sampling: Sampling): Promise<number> {
    const { steps, milliseconds = 0, warmUp = 4, limit = Infinity } = sampling;
    const times: number[] = [];
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    for (let warm = 0; warm < warmUp && elapsed() < limit; warm++) await this.#step(gradients);
    while (times.length < steps || (elapsed() < milliseconds && times.length < mostSteps)) {
      const start = performance.now();
      await this.#step(gradients);
      times.push(performance.now() - start);
      if (elapsed() > limit) break;
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  }

  async #step(gradients: GradientMode): Promise<void> {
    await this.network.trainStep(this.#batch, { gradients });
    await this.network.applyUpdate(
      { kind: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0 },
      { scope: 'support' },
    );
  }

  dispose(): void {
    this.network.dispose();
  }
}

function noise(graph: Graph, size: number): Batch {
  const random = new Random(0, 'batch');
  const features = graph.input.shape.reduce((a, b) => a * b, 1);
  return {
    samples: Uint8Array.from({ length: size * features }, () => random.below(256)),
    labels: Int32Array.from({ length: size }, () => random.below(graph.classes)),
    size,
  };
}
