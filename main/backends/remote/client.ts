import { UserError } from '../../../shared/errors.ts';
import { analyse, type BufferShape, type Graph } from '../../models/graph.ts';
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
import { deviceLost } from '../device-lost.ts';
import type { LoadedEngine } from '../engine.ts';
import type { NetworkCall, NetworkState, RemoteDescription, Reply, Request } from './messages.ts';
import type { Port } from './port.ts';

/**
 * The engine at the other end of a port.
 * @param timeoutMs longest wait for its first answer; computing may take as long as it takes
 * @throws UserError of the other side; `device-lost` if nobody answers
 */
export async function openRemote(port: Port, timeoutMs: number): Promise<LoadedEngine> {
  const connection = new Connection(port);
  const timer = setTimeout(
    () => connection.lose(`it did not answer within ${timeoutMs / 1000} s`),
    timeoutMs,
  );
  const { description, id, title, ...rest } = (await connection
    .ask({ type: 'open' })
    .finally(() => clearTimeout(timer))) as RemoteDescription;
  const backend = {
    id,
    title,
    describe: () => description,
    async compile(graph: Graph, options: CompileOptions) {
      const network = new RemoteNetwork(connection, graph, options);
      await network.compile(graph, options);
      return network;
    },
  };
  return { backend, ...rest };
}

type Question = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** Questions and answers over a port. Once the other side is lost, every question fails at once. */
class Connection {
  readonly #port: Port;
  readonly #waiting = new Map<
    number,
    { resolve(reply: Extract<Reply, { type: 'done' }>): void; reject(error: Error): void }
  >();
  #lastId = 0;
  #lastNetwork = 0;
  #lost: UserError | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.onMessage((reply: Reply) => this.#receive(reply));
    port.onClose(() => this.lose('the connection to it was closed'));
  }

  newNetwork(): number {
    return ++this.#lastNetwork;
  }

  async ask(question: Question): Promise<unknown> {
    return (await this.askNetwork(question)).value;
  }

  askNetwork(question: Question): Promise<Extract<Reply, { type: 'done' }>> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.send({ ...question, id });
    });
  }

  lose(reason: string): void {
    this.#lost ??= deviceLost(reason);
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }

  #receive(reply: Reply): void {
    if (reply.type === 'lost') return this.lose(reply.reason);
    const asker = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.type === 'done') return asker?.resolve(reply);
    const { code, message, field } = reply.error;
    asker?.reject(code === undefined ? new Error(message) : new UserError(code, message, field));
  }
}

/** A network that another process computes. What it knows without computing is as of the last reply. */
class RemoteNetwork implements Network {
  readonly graph: Graph;
  readonly parameters: readonly ParameterInfo[];
  readonly buffers: readonly BufferShape[];
  readonly #connection: Connection;
  readonly #id: number;
  readonly #index: ReadonlyMap<string, number>;
  #state!: NetworkState;

  constructor(connection: Connection, graph: Graph, { sparse }: CompileOptions) {
    const { parameters, buffers } = analyse(graph);
    this.graph = graph;
    this.parameters = parameters.map((p) => ({ ...p, sparse: sparse.has(p.name) }));
    this.buffers = buffers;
    this.#connection = connection;
    this.#id = connection.newNetwork();
    this.#index = new Map(parameters.map(({ name }, i) => [name, i]));
  }

  async compile(graph: Graph, options: CompileOptions): Promise<void> {
    const reply = await this.#connection.askNetwork({ type: 'compile', network: this.#id, graph, options });
    this.#state = reply.state!;
  }

  trainStep(batch: Batch, options: TrainOptions): Promise<StepResult> {
    return this.#call('trainStep', this.#compact(batch), options);
  }

  evaluate(batch: Batch): Promise<EvaluationResult> {
    return this.#call('evaluate', this.#compact(batch));
  }

  logits(batch: Batch): Promise<Float32Array> {
    return this.#call('logits', this.#compact(batch));
  }

  applyUpdate(rule: UpdateRule, options: UpdateOptions): Promise<void> {
    return this.#call('applyUpdate', rule, options);
  }

  gradientNorm(): Promise<number> {
    return this.#call('gradientNorm');
  }

  read(name: string, slot: Slot): Promise<Float32Array> {
    return this.#call('read', name, slot);
  }

  write(name: string, slot: Slot, data: Float32Array): Promise<void> {
    return this.#call('write', name, slot, own(data, data.length));
  }

  readMask(name: string): Promise<Uint8Array> {
    return this.#call('readMask', name);
  }

  writeMask(name: string, mask: Uint8Array): Promise<void> {
    return this.#call('writeMask', name, own(mask, mask.length));
  }

  reselect(): Promise<void> {
    return this.#call('reselect');
  }

  activeCount(name: string): number {
    const index = this.#index.get(name);
    if (index === undefined) throw new Error(`this network has no parameter ${name}`);
    return this.#state.activeCounts[index];
  }

  usedSlots(): readonly Slot[] {
    return this.#state.usedSlots;
  }

  execution(): readonly LayerExecution[] {
    return this.#state.execution;
  }

  memoryBytes(): number {
    return this.#state.memoryBytes;
  }

  dispose(): void {
    // Whoever is lost has nothing to free.
    this.#connection.ask({ type: 'dispose', network: this.#id }).catch(() => {});
  }

  async #call<T>(call: NetworkCall, ...args: unknown[]): Promise<T> {
    const reply = await this.#connection.askNetwork({ type: 'call', network: this.#id, call, args });
    this.#state = reply.state!;
    return reply.value as T;
  }

  #compact({ samples, labels, size }: Batch): Batch {
    const features = this.graph.input.shape.reduce((a, b) => a * b, 1);
    return { samples: own(samples, size * features), labels: own(labels, size), size };
  }
}

/** The first numbers of an array in a buffer of their own: a message takes the whole buffer behind a view along. */
function own<A extends Float32Array | Uint8Array | Int32Array>(array: A, length: number): A {
  const isWhole = length === array.length && array.byteLength === array.buffer.byteLength;
  // A Node Buffer's own slice is a view.
  return isWhole ? array : (new (array.constructor as Uint8ArrayConstructor)(array.subarray(0, length)) as A);
}
