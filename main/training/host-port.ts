/** How a process that was started for work talks to its host. */
export interface HostPort<Out> {
  /** Nothing happens if the host is gone. */
  send(message: Out): void;
  /** Sends a last word and ends this process. */
  end(message: Out): void;
}

/** The part of Electron's `process.parentPort` that is used; its types are not seen outside main/desktop. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports?: readonly unknown[] }) => void): void;
  postMessage(message: unknown): void;
}

type AnyProcess = NodeJS.Process & { parentPort?: ParentPort };

/** A utility process cannot ask whether its last message has left; on the way it is within this, milliseconds. */
const lastWordMs = 250;

/**
 * The host of this process, whether it is a child process of Node (advanced serialization) or an Electron utility
 * process; typed arrays travel as they are in both.
 * @param onGone is told when the host went away without a word; Electron ends its utility processes by itself then
 */
export function connectToHost<In, Out>(
  onMessage: (message: In) => void,
  onGone: () => void,
  self: AnyProcess = process,
): HostPort<Out> {
  const { parentPort } = self;
  if (parentPort) {
    // A message that brings a port is for whoever asked for the port.
    parentPort.on('message', ({ data, ports }) => {
      if (!ports?.length) onMessage(data as In);
    });
    return {
      send: (message) => parentPort.postMessage(message),
      end(message) {
        parentPort.postMessage(message);
        setTimeout(() => self.exit(0), lastWordMs);
      },
    };
  }
  self.on('message', (message) => onMessage(message as In));
  self.on('disconnect', onGone);
  return {
    // With a listener, a host that goes away meanwhile is no error of this process: `disconnect` tells of it.
    send: (message) => void (self.connected && self.send!(message, () => {})),
    end(message) {
      if (!self.connected) self.exit(0);
      self.send!(message, () => self.exit(0));
    },
  };
}
