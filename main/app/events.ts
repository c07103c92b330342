import type { EventName, Events } from '../../shared/contract.ts';

/** One window's end: what it watches, and how to reach it. */
export interface Connection {
  readonly watched: Set<string>;
  send<E extends EventName>(event: E, payload: Events[E]): void;
}

/** Everything the host says unasked, to every connected window. */
export class EventBus {
  readonly #connections = new Set<Connection>();

  /** @returns the new connection; call `close` when its window is gone */
  connect(send: Connection['send']): Connection & { close(): void } {
    const connection = {
      watched: new Set<string>(),
      send,
      close: () => void this.#connections.delete(connection),
    };
    this.#connections.add(connection);
    return connection;
  }

  emit<E extends EventName>(event: E, payload: Events[E]): void {
    for (const connection of this.#connections) connection.send(event, payload);
  }

  /** To the windows that watch this run. */
  emitFrame(payload: Events['run.frame']): void {
    for (const connection of this.#connections) {
      if (connection.watched.has(payload.runId)) connection.send('run.frame', payload);
    }
  }

  isWatched(runId: string): boolean {
    return [...this.#connections].some((connection) => connection.watched.has(runId));
  }
}
