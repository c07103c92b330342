/** Calls by name, each with one input. */
export type CallMap = Record<string, { input: unknown; output: unknown }>;

export type Handlers<M extends CallMap> = {
  [N in keyof M]: (input: M[N]['input']) => Promised<M[N]['output']>;
};
type Promised<T> = T | Transferred<T> | Promise<T | Transferred<T>>;

/** An answer whose buffers move to the other side instead of being copied. */
export class Transferred<T> {
  readonly value: T;
  readonly transfer: Transferable[];

  constructor(value: T, transfer: Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/** A worker, or what a worker sees of the page. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

type Message =
  | { type: 'call'; id: number; name: string; input: unknown }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'error'; id: number; message: string };

/** Calls in both directions over one port. `Theirs` are the other side's, `Ours` the ones answered here. */
export class Rpc<Theirs extends CallMap, Ours extends CallMap> {
  readonly #port: Port;
  readonly #handlers: Handlers<Ours>;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(port: Port, handlers: Handlers<Ours>) {
    this.#port = port;
    this.#handlers = handlers;
    port.onmessage = ({ data }) => void this.#receive(data as Message);
  }

  call<N extends keyof Theirs & string>(name: N, input: Theirs[N]['input']): Promise<Theirs[N]['output']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ type: 'call', id, name, input } satisfies Message, []);
    });
  }

  /** Ends every waiting call, when the other side is gone. */
  fail(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }

  async #receive(message: Message): Promise<void> {
    if (message.type === 'call') return this.#answer(message.id, message.name, message.input);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  }

  async #answer(id: number, name: string, input: unknown): Promise<void> {
    try {
      const answer = await this.#handlers[name](input);
      const { value, transfer } =
        answer instanceof Transferred ? answer : { value: answer, transfer: [] as Transferable[] };
      this.#port.postMessage({ type: 'answer', id, value } satisfies Message, transfer);
    } catch (error) {
      this.#port.postMessage({ type: 'error', id, message: (error as Error).message } satisfies Message, []);
    }
  }
}
