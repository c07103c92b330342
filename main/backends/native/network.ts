import type {
  Batch,
  CompileOptions,
  EvaluationResult,
  LayerExecution,
  Network,
  ParameterInfo,
  Slot,
  StepResult,
  TrainOptions,
  UpdateOptions,
  UpdateRule,
} from '../backend.ts';
import { analyse, type BufferShape, type Graph } from '../../models/graph.ts';
import type { Addon, NativeNetworkObject } from './addon.ts';
import { makePlan } from './plan.ts';

/** In the order of `Slot` in parameter.h. */
const slots: readonly Slot[] = ['value', 'gradient', 'momentum', 'dual', 'moment1', 'moment2', 'updates'];

/** The C++ engine behind the interface of backends. It computes synchronously: a promise returned is settled. */
export class NativeNetwork implements Network {
  readonly graph: Graph;
  readonly parameters: readonly ParameterInfo[];
  readonly buffers: readonly BufferShape[];
  readonly #native: NativeNetworkObject;
  readonly #parameterIndex: ReadonlyMap<string, number>;
  readonly #bufferIndex: ReadonlyMap<string, number>;

  constructor(addon: Addon, graph: Graph, options: CompileOptions) {
    const analysis = analyse(graph);
    this.graph = graph;
    this.parameters = analysis.parameters.map((p) => ({ ...p, sparse: options.sparse.has(p.name) }));
    this.buffers = analysis.buffers;
    this.#parameterIndex = new Map(this.parameters.map((p, i) => [p.name, i]));
    this.#bufferIndex = new Map(this.buffers.map((b, i) => [b.name, i]));
    const [channels, height, width] = graph.input.shape;
    const { scale, shift } = graph.input;
    this.#native = new addon.NativeNetwork({
      ...makePlan(graph, analysis),
      input: { channels, positions: height * width, scale, shift },
      classes: graph.classes,
      maxBatch: options.maxBatch,
      threads: options.threads,
      execution: options.execution ?? 'auto',
      parameters: this.parameters.map((p) => ({ name: p.name, sparse: p.sparse, ...matrixOf(p) })),
      buffers: analysis.buffers,
    });
  }

  async trainStep(batch: Batch, options: TrainOptions): Promise<StepResult> {
    const { forwardMs, backwardMs, ...result } = this.#native.trainStep(
      batch.samples,
      batch.labels,
      batch.size,
      options,
    );
    return { ...result, times: { forward: forwardMs, backward: backwardMs } };
  }

  async evaluate(batch: Batch): Promise<EvaluationResult> {
    return this.#native.evaluate(batch.samples, batch.labels, batch.size);
  }

  async logits(batch: Batch): Promise<Float32Array> {
    const logits = new Float32Array(batch.size * this.graph.classes);
    this.#native.logits(batch.samples, batch.size, logits);
    return logits;
  }

  async applyUpdate(rule: UpdateRule, options: UpdateOptions): Promise<void> {
    this.#native.applyUpdate(rule, options);
  }

  async gradientNorm(): Promise<number> {
    return this.#native.gradientNorm();
  }

  async read(name: string, slot: Slot): Promise<Float32Array> {
    const buffer = this.#buffer(name, slot);
    if (buffer !== undefined) {
      const data = new Float32Array(this.buffers[buffer].size);
      this.#native.readBuffer(buffer, data);
      return data;
    }
    const index = this.#parameter(name);
    const data = new Float32Array(this.parameters[index].size);
    this.#native.read(index, slots.indexOf(slot), data);
    return data;
  }

  async write(name: string, slot: Slot, data: Float32Array): Promise<void> {
    const buffer = this.#buffer(name, slot);
    if (buffer !== undefined) this.#native.writeBuffer(buffer, data);
    else this.#native.write(this.#parameter(name), slots.indexOf(slot), data);
  }

  async readMask(name: string): Promise<Uint8Array> {
    const index = this.#parameter(name);
    const mask = new Uint8Array(this.parameters[index].size);
    this.#native.readMask(index, mask);
    return mask;
  }

  async writeMask(name: string, mask: Uint8Array): Promise<void> {
    this.#native.writeMask(this.#parameter(name), mask);
  }

  async reselect(): Promise<void> {
    this.#native.reselect();
  }

  activeCount(name: string): number {
    return this.#native.activeCount(this.#parameter(name));
  }

  usedSlots(): readonly Slot[] {
    return slots.filter((_, index) => this.#native.usesSlot(index));
  }

  execution(): readonly LayerExecution[] {
    return this.#native.execution();
  }

  memoryBytes(): number {
    return this.#native.memoryBytes();
  }

  dispose(): void {
    this.#native.dispose();
  }

  #parameter(name: string): number {
    const index = this.#parameterIndex.get(name);
    if (index === undefined) throw new Error(`this network has no parameter ${name}`);
    return index;
  }

  #buffer(name: string, slot: Slot): number | undefined {
    const index = this.#bufferIndex.get(name);
    if (index !== undefined && slot !== 'value') throw new Error(`${name} has no ${slot}: it is not trained`);
    return index;
  }
}

/** A parameter as the matrix that the kernels see: [rows][inChannels][area]; vectors are one row. */
function matrixOf({ role, shape, size }: ParameterInfo) {
  if (role !== 'weight') return { rows: 1, inChannels: size, area: 1, kernelGroup: size };
  const [rows, inChannels, ...kernel] = shape;
  const area = kernel.reduce((a, b) => a * b, 1);
  return { rows, inChannels, area, kernelGroup: kernel.length > 0 ? area : inChannels };
}
