import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectToHost } from '../../../../main/training/host-port.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process as its host made it: with a channel (Node) or with a port (Electron). */
function makeProcess(withPort: boolean) {
  const sent: unknown[] = [];
  const port = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => sent.push(message) });
  const self = Object.assign(new EventEmitter(), {
    connected: !withPort,
    exit: vi.fn(),
    send: (message: unknown, done?: () => void) => {
      sent.push(message);
      setTimeout(() => done?.(), 5);
    },
    parentPort: withPort ? port : undefined,
  });
  const hear = (message: unknown) =>
    withPort ? port.emit('message', { data: message }) : self.emit('message', message);
  return { self, sent, hear };
}

describe.each([
  ['a child process of Node', false],
  ['a utility process of Electron', true],
])('%s', (_what, withPort) => {
  it('hears and answers, and ends after its last word', () => {
    const { self, sent, hear } = makeProcess(withPort);
    const heard: unknown[] = [];
    const host = connectToHost<unknown, unknown>(
      (message) => heard.push(message),
      () => heard.push('gone'),
      self as never,
    );
    hear({ type: 'begin' });
    host.send({ type: 'frame', values: Float64Array.of(1) });
    host.end({ type: 'ended' });
    expect(heard).toEqual([{ type: 'begin' }]);
    expect(sent).toEqual([{ type: 'frame', values: Float64Array.of(1) }, { type: 'ended' }]);
    expect(self.exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(self.exit.mock.calls).toEqual([[0]]);
  });
});

it('a child process whose host is gone is told, sends nothing and ends', () => {
  const { self, sent } = makeProcess(false);
  const gone = vi.fn();
  const host = connectToHost(() => {}, gone, self as never);
  self.connected = false;
  self.emit('disconnect');
  expect(gone).toHaveBeenCalledTimes(1);
  host.send('nobody hears this');
  expect(sent).toEqual([]);
  self.exit.mockImplementation(() => {
    throw new Error('exit');
  });
  expect(() => host.end('nor this')).toThrow('exit');
  expect(sent).toEqual([]);
});

it('a host that goes away while a message is on its way is no error of the child', () => {
  const { self } = makeProcess(false);
  // As Node does it: who takes no answer gets the error as an event, which nobody survives unheard.
  self.send = (_message, done?: (error?: Error) => void) => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    if (done) done(broken);
    else self.emit('error', broken);
  };
  const host = connectToHost(
    () => {},
    () => {},
    self as never,
  );
  expect(() => host.send('into the void')).not.toThrow();
});
