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
import { checkLabels, checkSamples } from '../batch.ts';
import { crossEntropy, type Loss } from '../loss.ts';
import type { Layer, Pass } from './layer.ts';
import { createLayer, sizeOf } from './layers.ts';
import { Parameter } from './parameter.ts';
import { applyRule } from './update-rules.ts';

/** What one node of the graph computes with: its layer, its output and ∂L/∂output, for the largest batch. */
interface Stage {
  layer: Layer;
  inputs: readonly string[];
  output: Float32Array;
  gradient: Float32Array;
}

const slots: readonly Slot[] = ['value', 'gradient', 'momentum', 'dual', 'moment1', 'moment2', 'updates'];

/** Plain loops over sample-major tensors; storage in single precision, arithmetic in double. */
export class ReferenceNetwork implements Network {
  readonly graph: Graph;
  readonly parameters: readonly ParameterInfo[];
  readonly buffers: readonly BufferShape[];
  readonly #maxBatch: number;
  readonly #parameters = new Map<string, Parameter>();
  readonly #buffers = new Map<string, Float32Array>();
  /** In execution order. */
  readonly #stages = new Map<string, Stage>();
  readonly #input: Float32Array;

  constructor(graph: Graph, { maxBatch, sparse }: CompileOptions) {
    this.graph = graph;
    this.#maxBatch = maxBatch;
    const analysis = analyse(graph);
    this.parameters = analysis.parameters.map((p) => ({ ...p, sparse: sparse.has(p.name) }));
    this.buffers = analysis.buffers;
    for (const info of this.parameters) this.#parameters.set(info.name, new Parameter(info));
    for (const { name, size, initial } of this.buffers) {
      this.#buffers.set(name, new Float32Array(size).fill(initial));
    }
    const stores = { parameters: this.#parameters, buffers: this.#buffers };
    for (const [index, node] of analysis.nodes.entries()) {
      const size = maxBatch * sizeOf(node.outShape);
      this.#stages.set(node.name, {
        layer: createLayer(node, index, stores),
        inputs: node.inputs,
        output: new Float32Array(size),
        gradient: new Float32Array(size),
      });
    }
    this.#input = new Float32Array(maxBatch * sizeOf(graph.input.shape));
  }

  async trainStep(batch: Batch, options: TrainOptions): Promise<StepResult> {
    const { gradients, labelSmoothing = 0, accumulate = false, dropoutSeed = 0 } = options;
    const pass: Pass = { batch: batch.size, training: true, dropoutSeed, gradients };
    const start = performance.now();
    const logits = this.#forward(batch, pass);
    const { sum, correct } = this.#loss(batch, logits, labelSmoothing, this.#last.gradient);
    const middle = performance.now();
    for (const parameter of this.#parameters.values()) parameter.beginGradient(gradients, accumulate);
    this.#backward(pass);
    const end = performance.now();
    const times = { forward: middle - start, backward: end - middle };
    return { loss: sum / batch.size, correct, times };
  }

  async evaluate(batch: Batch): Promise<EvaluationResult> {
    const { sum, correct } = this.#loss(batch, this.#infer(batch), 0);
    return { lossSum: sum, correct };
  }

  async logits(batch: Batch): Promise<Float32Array> {
    return this.#infer(batch).slice(0, batch.size * this.graph.classes);
  }

  async applyUpdate(rule: UpdateRule, options: UpdateOptions): Promise<void> {
    if (options.scope === 'all' && !this.#all().every((parameter) => parameter.gradientComplete)) {
      throw new Error('an update of scope "all" needs a pass with dense gradients before it');
    }
    for (const parameter of this.#all()) applyRule(parameter, rule, options);
  }

  async gradientNorm(): Promise<number> {
    let squares = 0;
    for (const { gradient } of this.#all()) for (const g of gradient) squares += g * g;
    return Math.sqrt(squares);
  }

  async read(name: string, slot: Slot): Promise<Float32Array> {
    return (this.#buffer(name, slot) ?? this.#parameter(name).slot(slot)).slice();
  }

  async write(name: string, slot: Slot, data: Float32Array): Promise<void> {
    const buffer = this.#buffer(name, slot);
    const size = buffer?.length ?? this.#parameter(name).info.size;
    if (data.length !== size) throw new Error(`${name} has ${size} entries, got ${data.length}`);
    if (buffer) buffer.set(data);
    else this.#parameter(name).write(slot, data);
  }

  async readMask(name: string): Promise<Uint8Array> {
    return this.#parameter(name).copyMask();
  }

  async writeMask(name: string, mask: Uint8Array): Promise<void> {
    const parameter = this.#parameter(name);
    const { size } = parameter.info;
    if (mask.length !== size) throw new Error(`${name} has ${size} entries, got a mask of ${mask.length}`);
    parameter.writeMask(mask);
  }

  async reselect(): Promise<void> {
    for (const parameter of this.#all()) parameter.reselect();
  }

  activeCount(name: string): number {
    return this.#parameter(name).active;
  }

  usedSlots(): readonly Slot[] {
    return slots.filter((slot) => this.#all().some((parameter) => parameter.uses(slot)));
  }

  /** Nothing is measured: weights of 0 are skipped wherever they are allowed. */
  execution(): readonly LayerExecution[] {
    const weights = this.#all().filter(({ info }) => info.role === 'weight');
    return weights.map(({ info, active }) => ({
      parameter: info.name,
      choice: info.sparse ? 'sparse' : 'dense',
      density: active / info.size,
    }));
  }

  memoryBytes(): number {
    let bytes = this.#input.byteLength;
    for (const { output, gradient } of this.#stages.values())
      bytes += output.byteLength + gradient.byteLength;
    for (const parameter of this.#all()) bytes += parameter.bytes;
    for (const buffer of this.#buffers.values()) bytes += buffer.byteLength;
    return bytes;
  }

  /** Nothing to free: the garbage collector owns every tensor. */
  dispose(): void {}

  get #last(): Stage {
    return this.#stages.get(this.graph.nodes.at(-1)!.name)!;
  }

  #all(): Parameter[] {
    return [...this.#parameters.values()];
  }

  #parameter(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (!parameter) throw new Error(`this network has no parameter ${name}`);
    return parameter;
  }

  #buffer(name: string, slot: Slot): Float32Array | undefined {
    const buffer = this.#buffers.get(name);
    if (buffer && slot !== 'value') throw new Error(`${name} has no ${slot}: it is not trained`);
    return buffer;
  }

  #infer(batch: Batch): Float32Array {
    return this.#forward(batch, { batch: batch.size, training: false, dropoutSeed: 0, gradients: 'support' });
  }

  #forward(batch: Batch, pass: Pass): Float32Array {
    this.#load(batch);
    for (const { layer, inputs, output } of this.#stages.values()) {
      layer.forward(
        inputs.map((name) => this.#output(name)),
        output,
        pass,
      );
    }
    return this.#last.output;
  }

  /** From ∂L/∂logits, which the loss has left in the last stage's gradient. */
  #backward(pass: Pass): void {
    const stages = [...this.#stages.values()];
    for (const stage of stages.slice(0, -1)) stage.gradient.fill(0);
    for (const { layer, inputs, gradient } of stages.reverse()) {
      const x = inputs.map((name) => this.#output(name));
      const dx = inputs.map((name) => this.#stages.get(name)?.gradient);
      layer.backward(x, gradient, dx, pass);
    }
  }

  #output(name: string): Float32Array {
    return name === 'input' ? this.#input : this.#stages.get(name)!.output;
  }

  /** x ← x · scale[c] + shift[c]. */
  #load(batch: Batch): void {
    checkSamples(batch, this.graph, this.#maxBatch);
    const { samples, size } = batch;
    const { shape, scale, shift } = this.graph.input;
    const features = sizeOf(shape);
    const plane = shape[1] * shape[2];
    for (let i = 0; i < size * features; i++) {
      const c = Math.floor(i / plane) % shape[0];
      this.#input[i] = samples[i] * scale[c] + shift[c];
    }
  }

  #loss(batch: Batch, logits: Float32Array, smoothing: number, gradient?: Float32Array): Loss {
    checkLabels(batch, this.graph);
    const { classes } = this.graph;
    return crossEntropy(logits, batch.labels, { batch: batch.size, classes, smoothing }, gradient);
  }
}
