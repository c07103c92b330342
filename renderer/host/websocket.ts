import { ref } from 'vue';
import type { Answer, CallName, EventName, Events } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import { decodeMessage, encodeMessage } from '../../shared/wire.ts';
import type { HostClient, HostStatus } from './client.ts';

type Incoming = { id: number; answer: Answer<CallName> } | { event: EventName; payload: Events[EventName] };

/** Close code with which the server refuses a wrong token. */
const refusedCode = 4401;
const disconnected = () => new UserError('disconnected', 'The connection to the workbench is lost.');
const retryMs = [250, 500, 1000, 2000];

/**
 * Connects to the browser shell that served this page, and again whenever the connection is lost. The token is the
 * first message, so it never stands in a URL that a log could keep.
 */
export function webSocketClient(url: string, token: string): HostClient {
  const status = ref<HostStatus>('connecting');
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let socket: WebSocket;
  let nextId = 1;
  let failures = 0;
  const firstOpen = Promise.withResolvers<void>();
  firstOpen.promise.catch(() => {});

  function connect(): void {
    socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(JSON.stringify({ token }));
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const message = decodeMessage(typeof data === 'string' ? data : new Uint8Array(data)) as
        Incoming | { welcome: true };
      if ('welcome' in message) {
        failures = 0;
        status.value = 'open';
        firstOpen.resolve();
      } else if ('event' in message) {
        for (const listener of listeners.get(message.event) ?? []) listener(message.payload as never);
      } else settle(message.id, message.answer);
    };
    socket.onclose = ({ code }) => {
      for (const { reject } of pending.values()) reject(disconnected());
      pending.clear();
      if (code === refusedCode) {
        status.value = 'refused';
        return firstOpen.reject(
          new UserError('refused', 'The workbench does not accept this link any more.'),
        );
      }
      status.value = 'lost';
      setTimeout(connect, retryMs[Math.min(failures++, retryMs.length - 1)]);
    };
  }

  function settle(id: number, answer: Answer<CallName>): void {
    const waiting = pending.get(id);
    pending.delete(id);
    if (!waiting) return;
    if (answer.ok) waiting.resolve(answer.value as never);
    else waiting.reject(new UserError(answer.error.code, answer.error.message, answer.error.field));
  }

  connect();
  return {
    status,
    async call(name, input) {
      // What is asked while the host is away must not happen later, when nobody expects it any more.
      if (status.value === 'lost') throw disconnected();
      await firstOpen.promise;
      return new Promise((resolve, reject) => {
        const id = nextId++;
        pending.set(id, { resolve, reject });
        socket.send(encodeMessage({ id, call: name, input }));
      });
    },
    on(event, listener) {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(listener));
      return () => void known.delete(listener);
    },
  };
}
