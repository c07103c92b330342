import { WebSocket, type ClientOptions } from 'ws';
import type { Answer, CallName, EventName } from '../../shared/contract.ts';
import { decodeMessage, encodeMessage } from '../../shared/wire.ts';

type Message = {
  id?: number;
  answer?: Answer<CallName>;
  event?: EventName;
  payload?: unknown;
  welcome?: true;
};

/** A window's end of the socket, for tests: whatever it is told to send, it sends. */
export class TestSocket {
  readonly #socket: WebSocket;
  readonly received: Message[] = [];
  readonly #waiting: (() => void)[] = [];
  #lastId = 1_000_000_000;
  /** The close code, once it is closed. */
  closed: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      this.received.push(decodeMessage(isBinary ? bytes : bytes.toString()) as Message);
      this.#wake();
    });
    socket.on('close', (code) => {
      this.closed = code;
      this.#wake();
    });
    socket.on('error', () => {});
  }

  /** @returns the socket, or the HTTP status with which it was refused */
  static connect(
    origin: string,
    options: ClientOptions = {},
    path = '/socket',
  ): Promise<TestSocket | number> {
    const socket = new WebSocket(origin.replace(/^http/, 'ws') + path, options);
    const client = new TestSocket(socket);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(client));
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      socket.on('error', reject);
    });
  }

  /** Connects and shows the token. */
  static async open(origin: string, token: string): Promise<TestSocket> {
    const client = (await TestSocket.connect(origin)) as TestSocket;
    client.say({ token });
    await client.until(() => client.received.length > 0);
    if (!client.received[0].welcome) throw new Error('the server did not welcome us');
    return client;
  }

  say(message: unknown): void {
    this.#socket.send(encodeMessage(message));
  }

  /** Sends text or bytes as they are. */
  sayRaw(message: string | Uint8Array): void {
    this.#socket.send(message);
  }

  async call(call: CallName, input: unknown): Promise<Answer<CallName>> {
    const id = this.#lastId++;
    this.say({ id, call, input });
    await this.until(() => this.received.some((message) => message.id === id));
    return this.received.find((message) => message.id === id)!.answer!;
  }

  /** Waits until `holds`, which is asked after every message. @throws Error if the socket closes before */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.closed !== undefined) throw new Error(`the socket was closed with ${this.closed}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** @returns the code with which the server closes */
  async whenClosed(): Promise<number> {
    while (this.closed === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.closed;
  }

  /** Stops reading, so that the server's messages pile up. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
