import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { decodeMessage } from '../../../../shared/wire.ts';
import type { Dispatcher } from '../../../../main/app/dispatch.ts';
import { EventBus } from '../../../../main/app/events.ts';
import { limits, WindowSocket } from '../../../../main/web/window-socket.ts';

class RecordingSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: unknown[] = [];
  closed: number | 'terminated' | undefined;

  send(message: string | Uint8Array): void {
    this.sent.push(decodeMessage(message));
  }

  close(code: number): void {
    this.readyState = 2;
    this.closed = code;
    this.emit('close');
  }

  terminate(): void {
    this.closed = 'terminated';
    this.emit('close');
  }

  say(message: unknown): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.emit('message', Buffer.from(text), false);
  }
}

const token = 'the-right-token';
const scalars = (step: number) => ({
  runId: 'A',
  frame: {
    type: 'scalars' as const,
    series: [
      {
        key: 'train/loss',
        steps: Float64Array.of(step),
        values: Float64Array.of(1),
        wallMs: Float64Array.of(1),
      },
    ],
  },
});

let socket: RecordingSocket;
let events: EventBus;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new RecordingSocket();
  events = new EventBus();
  const dispatcher: Dispatcher = {
    async dispatch(name, input, connection) {
      if (name === 'live.watch') connection.watched.add('A');
      return { ok: true, value: [name, input] as never };
    },
  };
  new WindowSocket(socket as unknown as WebSocket, { dispatcher, events }, token);
  return () => vi.useRealTimers();
});

describe('token', () => {
  it('opens the way to calls and events', async () => {
    socket.say({ token });
    socket.say({ id: 4, call: 'runs.list', input: {} });
    events.emit('notice', { level: 'info', text: 'hello' });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent).toEqual([
      { welcome: true },
      { event: 'notice', payload: { level: 'info', text: 'hello' } },
      { id: 4, answer: { ok: true, value: ['runs.list', {}] } },
    ]);
  });

  it('is waited for five seconds, and no event is heard meanwhile', () => {
    events.emit('notice', { level: 'info', text: 'secret' });
    vi.advanceTimersByTime(limits.authenticateMs - 1);
    expect(socket.closed).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(socket.closed).toBe(4401);
    expect(socket.sent).toEqual([]);
  });

  it('if wrong is refused after a delay, and the right one then comes too late', async () => {
    socket.say({ token: 'wrong' });
    socket.say({ token });
    socket.say({ id: 1, call: 'runs.list', input: {} });
    await vi.advanceTimersByTimeAsync(limits.refuseMs - 1);
    expect(socket.closed).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.closed).toBe(4401);
    expect(socket.sent).toEqual([]);
  });

  it('cannot be replaced by a call or by noise', async () => {
    socket.say('{');
    await vi.advanceTimersByTimeAsync(limits.refuseMs);
    expect(socket.closed).toBe(4401);
    expect(socket.sent).toEqual([]);
  });
});

it('answers what it cannot read without closing', async () => {
  socket.say({ token });
  for (const message of ['{', '[]', 'null', '7', '{"call":"runs.list"}', '{"id":"1","call":"runs.list"}']) {
    socket.say(message);
  }
  await vi.advanceTimersByTimeAsync(0);
  const answers = socket.sent.slice(1) as { answer: { ok: boolean; error: { code: string } } }[];
  expect(answers.map(({ answer }) => answer.error.code)).toEqual(Array(6).fill('bad-message'));
  expect(socket.closed).toBeUndefined();
});

describe('a window that reads too slowly', () => {
  beforeEach(async () => {
    socket.say({ token });
    socket.say({ id: 1, call: 'live.watch', input: {} });
    await vi.advanceTimersByTimeAsync(0);
    socket.sent.length = 0;
  });

  it('misses frames and is told from where on to read again', () => {
    events.emitFrame(scalars(10));
    socket.bufferedAmount = limits.behindBytes + 1;
    events.emitFrame(scalars(20));
    events.emitFrame(scalars(30));
    events.emit('queue.changed', { slots: 1, active: ['A'], waiting: [] });
    vi.advanceTimersByTime(10 * limits.drainMs);
    expect(socket.sent.map((m) => (m as { event: string }).event)).toEqual(['run.frame', 'queue.changed']);
    socket.bufferedAmount = 0;
    vi.advanceTimersByTime(limits.drainMs);
    events.emitFrame(scalars(40));
    expect(socket.sent.slice(2)).toEqual([
      { event: 'run.truncated', payload: { runId: 'A', step: 20 } },
      { event: 'run.frame', payload: scalars(40) },
    ]);
  });

  it('hears of the gap before any later frame', () => {
    socket.bufferedAmount = limits.behindBytes + 1;
    events.emitFrame(scalars(20));
    socket.bufferedAmount = 0;
    events.emitFrame(scalars(40));
    expect(socket.sent.map((m) => (m as { event: string }).event)).toEqual(['run.truncated', 'run.frame']);
  });

  it('is given up when it is hopelessly behind', () => {
    socket.bufferedAmount = limits.hopelessBytes + 1;
    events.emitFrame(scalars(20));
    expect(socket.closed).toBe('terminated');
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('leaves nothing behind when its window goes', () => {
  socket.say({ token });
  socket.close(1001);
  events.emit('notice', { level: 'info', text: 'nobody hears this' });
  expect(socket.sent).toEqual([{ welcome: true }]);
  expect(vi.getTimerCount()).toBe(0);
});
