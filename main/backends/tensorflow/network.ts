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
import { analyse, samplesCouple, type Analysis, type BufferShape, type Graph } from '../../models/graph.ts';
import { checkLabels, checkSamples } from '../batch.ts';
import { crossEntropy, type Loss } from '../loss.ts';
import { joinRows, partsOfBatch, splitRows } from './batch-parts.ts';
import { uploadDropoutMasks, uploadSamples, uploadTargets } from './batch-inputs.ts';
import type { Pass } from './layer.ts';
import { Model } from './model.ts';
import type { Ops, Variable } from './ops.ts';
import { pack, sumOf } from './packing.ts';
import { TensorParameter } from './parameter.ts';
import { Programs } from './programs.ts';
import { Scalars } from './scalars.ts';
import { Updater, type PreparedUpdate } from './updater.ts';

const slots: readonly Slot[] = ['value', 'gradient', 'momentum', 'dual', 'moment1', 'moment2', 'updates'];

const inference = {
  training: false,
  dropoutMask: () => {
    throw new Error('inference drops nothing');
  },
  gradient: () => undefined,
} satisfies Pass<unknown>;

/**
 * A network in the operations of a tensor engine. Forward and backward pass are one program and each update is one, so
 * that an engine can trace them. Where a program runs as one function, an update waits for the next pass, if that is
 * what comes next, and both are one program: a whole training step. A pass reads the logits back, which waits for all of
 * its work.
 */
export class TensorNetwork<T> implements Network {
  readonly graph: Graph;
  readonly parameters: readonly ParameterInfo[];
  readonly buffers: readonly BufferShape[];
  readonly #maxBatch: number;
  readonly #ops: Ops<T>;
  readonly #analysis: Analysis;
  readonly #programs: Programs<T>;
  readonly #scalars: Scalars<T>;
  readonly #parameters: ReadonlyMap<string, TensorParameter<T>>;
  readonly #buffers: ReadonlyMap<string, Variable<T>>;
  readonly #model: Model<T>;
  readonly #updater: Updater<T>;
  /** What has been decided, but has not run. */
  #update: PreparedUpdate<T> | undefined;
  #disposed = false;

  constructor(ops: Ops<T>, graph: Graph, { maxBatch, sparse }: CompileOptions) {
    const analysis = analyse(graph);
    this.graph = graph;
    this.parameters = analysis.parameters.map((p) => ({ ...p, sparse: sparse.has(p.name) }));
    this.buffers = analysis.buffers;
    this.#maxBatch = maxBatch;
    this.#ops = ops;
    this.#analysis = analysis;
    this.#programs = new Programs(ops);
    this.#scalars = new Scalars(ops);
    this.#parameters = new Map(
      this.parameters.map((info) => [info.name, new TensorParameter(ops, this.#programs, info)]),
    );
    this.#buffers = new Map(
      this.buffers.map(({ name, size, initial }) => [
        name,
        ops.variable(new Float32Array(size).fill(initial), [size]),
      ]),
    );
    const stores = { parameters: this.#parameters, buffers: this.#buffers };
    this.#model = new Model(ops, analysis.nodes, stores);
    this.#updater = new Updater(ops, this.#programs, this.#scalars, this.#all());
  }

  async trainStep(batch: Batch, options: TrainOptions): Promise<StepResult> {
    const { gradients, labelSmoothing = 0, accumulate = false, dropoutSeed = 0 } = options;
    this.#checkLabelled(batch);
    const start = performance.now();
    const masked = new Set(this.#all().filter((parameter) => parameter.beginGradient(gradients)));
    const dropout = uploadDropoutMasks(this.#ops, this.#analysis, batch.size, dropoutSeed);
    const masks = this.#all().map((parameter) => (masked.has(parameter) ? 'masked' : ''));
    const targets = uploadTargets(this.#ops, batch, this.graph.classes, labelSmoothing);
    const uploads = [uploadSamples(this.#ops, batch, this.graph), targets, ...dropout.values()];
    const update = this.#update;
    this.#update = undefined;
    const key = ['train', accumulate, ...masks, update?.key].join();
    const [logits] = this.#programs.run(key, [...uploads, ...(update?.inputs ?? [])], (given) => {
      update?.body(given.slice(uploads.length));
      const [samples, wanted, ...kept] = given;
      const masksOf = new Map([...dropout.keys()].map((node, i) => [node, kept[i]]));
      const result = this.#forwardAndBackward(samples, wanted, masksOf);
      for (const [parameter, gradient] of result.gradients) {
        parameter.takeGradient(gradient, accumulate, masked.has(parameter));
      }
      return [result.logits];
    });
    const { sum, correct } = this.#loss(await this.#take(logits, uploads), batch, labelSmoothing);
    const time = performance.now() - start;
    return { loss: sum / batch.size, correct, times: update ? { passWithUpdate: time } : { pass: time } };
  }

  async evaluate(batch: Batch): Promise<EvaluationResult> {
    this.#checkLabelled(batch);
    const { sum, correct } = this.#loss(await this.logits(batch), batch, 0);
    return { lossSum: sum, correct };
  }

  async logits(batch: Batch): Promise<Float32Array> {
    this.#check(batch);
    this.#settle();
    const samples = uploadSamples(this.#ops, batch, this.graph);
    const [logits] = this.#programs.run('logits', [samples], ([all]) => {
      const ops = this.#ops;
      const parts = splitRows(ops, all, this.#parts(ops.shapeOf(all)[0]));
      const logitsOf = (part: T) => this.#model.forward(part, inference).logits;
      return [joinRows(ops, parts.map(logitsOf))];
    });
    return this.#take(logits, [samples]);
  }

  async applyUpdate(rule: UpdateRule, options: UpdateOptions): Promise<void> {
    this.#settle();
    const update = this.#updater.prepare(rule, options);
    this.#update = update;
    if (this.#ops.fuses && !update.finish) return;
    const results = this.#settle();
    await update.finish?.(results);
  }

  async gradientNorm(): Promise<number> {
    this.#settle();
    const [packed] = this.#programs.run('gradient norm', [], () => {
      const squares = this.#all().map(({ gradient }) => this.#ops.square(gradient.value()));
      return [
        pack(
          this.#ops,
          squares.map((tensor) => sumOf(this.#ops, tensor)),
        ),
      ];
    });
    const sums = await this.#take(packed, []);
    return Math.sqrt(sums.reduce((total, sum) => total + sum, 0));
  }

  async read(name: string, slot: Slot): Promise<Float32Array> {
    this.#settle();
    const buffer = this.#buffer(name, slot);
    return buffer ? buffer.read() : this.#parameter(name).read(slot);
  }

  async write(name: string, slot: Slot, data: Float32Array): Promise<void> {
    this.#settle();
    const buffer = this.#buffer(name, slot);
    const size = buffer?.shape[0] ?? this.#parameter(name).info.size;
    if (data.length !== size) throw new Error(`${name} has ${size} entries, got ${data.length}`);
    if (buffer) buffer.write(data);
    else await this.#parameter(name).write(slot, data);
  }

  async readMask(name: string): Promise<Uint8Array> {
    this.#settle();
    return this.#parameter(name).readMask();
  }

  async writeMask(name: string, mask: Uint8Array): Promise<void> {
    this.#settle();
    const parameter = this.#parameter(name);
    const { size } = parameter.info;
    if (mask.length !== size) throw new Error(`${name} has ${size} entries, got a mask of ${mask.length}`);
    parameter.writeMask(mask);
  }

  async reselect(): Promise<void> {
    this.#settle();
    await this.#updater.reselect();
  }

  activeCount(name: string): number {
    return this.#parameter(name).active;
  }

  usedSlots(): readonly Slot[] {
    this.#settle();
    return slots.filter((slot) => this.#all().some((parameter) => parameter.uses(slot)));
  }

  /** Masks save no work here: weights of 0 are multiplied like all others. */
  execution(): readonly LayerExecution[] {
    const weights = this.#all().filter(({ info }) => info.role === 'weight');
    return weights.map(({ info, active }) => ({
      parameter: info.name,
      choice: 'dense',
      density: active / info.size,
    }));
  }

  /** Of everything that stays between steps; activations live only inside them. */
  memoryBytes(): number {
    this.#settle();
    const buffers = this.buffers.reduce((sum, { size }) => sum + size * Float32Array.BYTES_PER_ELEMENT, 0);
    return this.#all().reduce((sum, parameter) => sum + parameter.bytes, buffers);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const parameter of this.#all()) parameter.free();
    for (const buffer of this.#buffers.values()) buffer.free();
    this.#updater.dispose();
    this.#scalars.dispose();
  }

  #all(): TensorParameter<T>[] {
    return [...this.#parameters.values()];
  }

  #parameter(name: string): TensorParameter<T> {
    this.#checkAlive();
    const parameter = this.#parameters.get(name);
    if (!parameter) throw new Error(`this network has no parameter ${name}`);
    return parameter;
  }

  #buffer(name: string, slot: Slot): Variable<T> | undefined {
    this.#checkAlive();
    const buffer = this.#buffers.get(name);
    if (buffer && slot !== 'value') throw new Error(`${name} has no ${slot}: it is not trained`);
    return buffer;
  }

  #check(batch: Batch): void {
    this.#checkAlive();
    checkSamples(batch, this.graph, this.#maxBatch);
  }

  #checkLabelled(batch: Batch): void {
    this.#check(batch);
    checkLabels(batch, this.graph);
  }

  /** Runs the update that still waits; its results. */
  #settle(): T[] {
    this.#checkAlive();
    const update = this.#update;
    this.#update = undefined;
    return update ? this.#programs.run(update.key, update.inputs, update.body) : [];
  }

  #checkAlive(): void {
    if (this.#disposed) throw new Error('the network was disposed of');
  }

  /**
   * In a program: logits and gradients of a batch, computed part by part.
   * @param wanted what the softmax is held against
   */
  #forwardAndBackward(
    samples: T,
    wanted: T,
    dropoutMasks: ReadonlyMap<string, T>,
  ): { logits: T; gradients: ReadonlyMap<TensorParameter<T>, T> } {
    const ops = this.#ops;
    const [size] = ops.shapeOf(samples);
    const gradients = new Map<TensorParameter<T>, T>();
    const parts = this.#parts(size);
    const wantedOf = splitRows(ops, wanted, parts);
    const masksOf = new Map([...dropoutMasks].map(([node, mask]) => [node, splitRows(ops, mask, parts)]));
    const logitsOf = splitRows(ops, samples, parts).map((part, i) => {
      const { logits, backward } = this.#model.forward(part, {
        training: true,
        dropoutMask: (node) => masksOf.get(node)![i],
        gradient(parameter, value) {
          const others = gradients.get(parameter);
          gradients.set(parameter, others === undefined ? value : ops.add(others, value));
        },
      });
      const gradient = ops.softmaxCrossEntropyGradient(logits, wantedOf[i]);
      backward(ops.mul(gradient, ops.constant([1 / size], [])));
      return logits;
    });
    return { logits: joinRows(ops, logitsOf), gradients };
  }

  /** One part where samples depend on each other. */
  #parts(size: number): number[] {
    return partsOfBatch(size, samplesCouple(this.graph) ? 1 : this.#ops.batchParts);
  }

  #loss(logits: Float32Array, { labels, size }: Batch, smoothing: number): Loss {
    return crossEntropy(logits, labels, { batch: size, classes: this.graph.classes, smoothing });
  }

  /** A result's numbers, once it is there; then frees it and what was uploaded for it. */
  async #take(result: T, uploads: readonly T[]): Promise<Float32Array> {
    const numbers = await this.#ops.read(result);
    for (const tensor of [result, ...uploads]) this.#ops.free(tensor);
    return numbers;
  }
}
