// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { webSocketClient } from '../../../../renderer/host/websocket.ts';
import { decodeMessage, encodeMessage } from '../../../../shared/wire.ts';

/** What the client sees of a server: the sockets it opened, each driven by the test. */
class FakeSocket {
  static opened: FakeSocket[] = [];
  sent: unknown[] = [];
  onopen = () => {};
  onmessage = (_: { data: string | ArrayBuffer }) => {};
  onclose = (_: { code: number }) => {};

  constructor() {
    FakeSocket.opened.push(this);
  }

  send(message: string | Uint8Array) {
    this.sent.push(decodeMessage(message));
  }

  receive(message: unknown) {
    const encoded = encodeMessage(message);
    this.onmessage({ data: typeof encoded === 'string' ? encoded : encoded.buffer });
  }

  welcome() {
    this.onopen();
    this.receive({ welcome: true });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const socket = () => FakeSocket.opened.at(-1)!;
const settled = () => vi.advanceTimersByTimeAsync(0);

it('introduces itself with the token, then asks what was asked before it was let in', async () => {
  const client = webSocketClient('ws://host/socket', 'secret');
  const answer = client.call('queue.get', {});
  socket().welcome();
  await settled();
  expect(socket().sent).toEqual([{ token: 'secret' }, { id: 1, call: 'queue.get', input: {} }]);
  const value = { slots: 1, active: [], waiting: [] };
  socket().receive({ id: 1, answer: { ok: true, value } });
  await expect(answer).resolves.toEqual(value);
});

it('hands errors on as the host describes them', async () => {
  const client = webSocketClient('ws://host/socket', 'secret');
  socket().welcome();
  const answer = client.call('queue.get', {});
  await settled();
  socket().receive({ id: 1, answer: { ok: false, error: { code: 'busy', message: 'no', field: 'id' } } });
  await expect(answer).rejects.toMatchObject({ code: 'busy', message: 'no', field: 'id' });
});

it('never does later what was asked while the host was away', async () => {
  const client = webSocketClient('ws://host/socket', 'secret');
  socket().welcome();
  const cutOff = client.call('queue.get', {});
  await settled();
  socket().onclose({ code: 1006 });
  await expect(cutOff).rejects.toMatchObject({ code: 'disconnected' });
  expect(client.status.value).toBe('lost');
  await expect(client.call('queue.get', {})).rejects.toMatchObject({ code: 'disconnected' });
  await vi.advanceTimersByTimeAsync(300);
  expect(FakeSocket.opened).toHaveLength(2);
  socket().welcome();
  await settled();
  expect(client.status.value).toBe('open');
  expect(socket().sent).toEqual([{ token: 'secret' }]);
});

it('does not try again when its token is refused', async () => {
  const client = webSocketClient('ws://host/socket', 'wrong');
  const answer = client.call('queue.get', {});
  const refused = expect(answer).rejects.toMatchObject({ code: 'refused' });
  socket().onopen();
  socket().onclose({ code: 4401 });
  await refused;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakeSocket.opened).toHaveLength(1);
  expect(client.status.value).toBe('refused');
});
