import type { RawData, WebSocket } from 'ws';
import { UserError } from '../../shared/errors.ts';
import type { EventName, Events, LiveFrame } from '../../shared/contract.ts';
import { decodeMessage, encodeMessage } from '../../shared/wire.ts';
import type { Dispatcher } from '../app/dispatch.ts';
import type { EventBus } from '../app/events.ts';
import { sameToken } from './access.ts';

/** What a window's socket talks to. */
export interface SocketHost {
  dispatcher: Dispatcher;
  events: EventBus;
}

/** Close codes of the protocol; the window knows the first one. */
export const closeCodes = { refused: 4401, tooSlow: 1013, leaving: 1001 } as const;

export const limits = {
  /** From a window: its largest honest message is a config. */
  messageBytes: 1 << 20,
  authenticateMs: 5000,
  /** A wrong token is answered this late, which makes guessing slow and costs an honest user nothing. */
  refuseMs: 500,
  /** Live frames are left out for a window that is behind by more than this. */
  behindBytes: 4 << 20,
  /** A window that is behind by more than this is given up; it connects again and reads what is stored. */
  hopelessBytes: 256 << 20,
  /** How often a window that is behind is looked at. */
  drainMs: 250,
};

/**
 * One window at the other end of a socket. Its first message is the token; then calls are answered by id, in the
 * order in which they are done, and events are passed on.
 */
export class WindowSocket {
  readonly #socket: WebSocket;
  readonly #host: SocketHost;
  readonly #token: string;
  readonly #patience: NodeJS.Timeout;
  #connection: ReturnType<EventBus['connect']> | undefined;
  /** Runs whose frames were left out, and the first step that is missing. */
  readonly #missed = new Map<string, number>();
  #drain: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, host: SocketHost, token: string) {
    this.#socket = socket;
    this.#host = host;
    this.#token = token;
    this.#patience = setTimeout(() => this.#refuse('no token was sent'), limits.authenticateMs);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // A broken connection or a message over the limit: ws closes the socket by itself.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  #receive(data: RawData, isBinary: boolean): void {
    let message: unknown;
    try {
      message = decodeMessage(isBinary ? (data as Buffer) : (data as Buffer).toString('utf8'));
    } catch (error) {
      if (!this.#connection) return this.#refuse('the first message is no token');
      return this.#send({ id: undefined, answer: { ok: false, error: asData(error as UserError) } });
    }
    if (this.#connection) void this.#answer(message);
    else this.#authenticate(message);
  }

  #authenticate(message: unknown): void {
    if (!sameToken((message as { token?: unknown } | null)?.token, this.#token)) {
      clearTimeout(this.#patience);
      // Whatever else it says is not heard.
      this.#socket.removeAllListeners('message');
      setTimeout(() => this.#refuse('this is not the token'), limits.refuseMs);
      return;
    }
    clearTimeout(this.#patience);
    this.#connection = this.#host.events.connect((event, payload) => this.#tell(event, payload));
    this.#send({ welcome: true });
  }

  async #answer(message: unknown): Promise<void> {
    const { id, call, input } = isRecord(message) ? message : {};
    if (!Number.isSafeInteger(id)) {
      const error = new UserError('bad-message', 'a call is { id: a whole number, call, input }', 'id');
      return this.#send({ id: undefined, answer: { ok: false, error: asData(error) } });
    }
    const answer = await this.#host.dispatcher.dispatch(call, input, this.#connection!);
    this.#send({ id, answer });
  }

  #tell<E extends EventName>(event: E, payload: Events[E]): void {
    const waiting = this.#socket.bufferedAmount;
    if (waiting > limits.hopelessBytes) return this.#socket.terminate();
    if (event === 'run.frame' && waiting > limits.behindBytes) {
      const { runId, frame } = payload as Events['run.frame'];
      this.#missed.set(runId, Math.min(firstStep(frame), this.#missed.get(runId) ?? Infinity));
      this.#drain ??= setInterval(() => this.#catchUp(), limits.drainMs);
      return;
    }
    // Nothing of a run is shown after a gap before the window knows of the gap.
    if (event === 'run.frame') this.#catchUp();
    this.#send({ event, payload });
  }

  /** What was left out is in the store: the window is told from where on to read it again. */
  #catchUp(): void {
    if (this.#missed.size === 0 || this.#socket.bufferedAmount > limits.behindBytes) return;
    clearInterval(this.#drain);
    this.#drain = undefined;
    const missed = [...this.#missed];
    this.#missed.clear();
    for (const [runId, step] of missed) this.#tell('run.truncated', { runId, step });
  }

  #send(message: unknown): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(encodeMessage(message));
  }

  #refuse(reason: string): void {
    this.#socket.close(closeCodes.refused, reason);
  }

  #closed(): void {
    clearTimeout(this.#patience);
    clearInterval(this.#drain);
    this.#connection?.close();
  }
}

const asData = ({ code, message, field }: UserError) => ({ code, message, field });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function firstStep(frame: LiveFrame): number {
  return frame.type === 'scalars'
    ? Math.min(...frame.series.map(({ steps }) => steps[0] ?? Infinity))
    : frame.step;
}
