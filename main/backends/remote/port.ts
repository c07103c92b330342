/**
 * One end of a connection between the process that trains and the one that computes for it. Messages are structured
 * clones and never transfer their arrays: between an Electron window and a process of Node, transferred data is lost
 * (electron/electron#34905).
 */
export interface Port {
  send(message: unknown): void;
  onMessage(listener: (message: never) => void): void;
  /** Once, when the other end is closed or its process is gone. */
  onClose(listener: () => void): void;
  close(): void;
}

/** A port of a window or of Node's worker_threads. */
interface WebPort {
  postMessage(message: unknown): void;
  addEventListener(event: 'message' | 'close', listener: (event: { data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

/** Electron's MessagePortMain, in its main and utility processes. */
interface EmitterPort {
  postMessage(message: unknown): void;
  on(event: 'message' | 'close', listener: (event: { data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

export function connect(port: WebPort | EmitterPort): Port {
  const listen = (event: 'message' | 'close', listener: (event: { data?: unknown }) => void) =>
    'addEventListener' in port ? port.addEventListener(event, listener) : port.on(event, listener);
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      listen('message', ({ data }) => listener(data as never));
      port.start();
    },
    onClose: (listener) => listen('close', () => listener()),
    close: () => port.close(),
  };
}
