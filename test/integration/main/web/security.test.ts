import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenMessages, hostileCalls } from '../../../support/fuzz.ts';
import { startWorkbench, type Workbench } from '../../../support/serve.ts';
import { TestSocket } from '../../../support/socket.ts';

// The real `filigree serve`, a process of its own, over real sockets.
let workbench: Workbench;

beforeAll(async () => {
  workbench = await startWorkbench();
}, 180_000);
afterAll(() => workbench.close());

/** A request whose path and headers are sent as they are. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const { hostname, port } = new URL(workbench.origin);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const asked = request({ hostname, port, path, agent: false, ...options }, (response) => {
        let body = '';
        response.on('data', (text: Buffer) => (body += text.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      });
      asked.on('error', reject);
      asked.end();
    },
  );
}

describe('the socket', () => {
  it('opens for the token', async () => {
    const socket = await TestSocket.open(workbench.origin, workbench.token);
    expect(await socket.call('runs.list', {})).toEqual({ ok: true, value: [] });
    socket.close();
  });

  it.each([
    ['a wrong token', JSON.stringify({ token: 'A'.repeat(32) })],
    ['an empty token', JSON.stringify({ token: '' })],
    ['no token', JSON.stringify({ id: 1, call: 'runs.list', input: {} })],
    ['a token in an array', JSON.stringify([{ token: 'x' }])],
    ['null', 'null'],
    ['noise', '{"token'],
    ['bytes', Uint8Array.of(1, 2, 3)],
  ])('is closed after %s, and says nothing before', async (_what, message) => {
    const socket = (await TestSocket.connect(workbench.origin)) as TestSocket;
    socket.sayRaw(message);
    expect(await socket.whenClosed()).toBe(4401);
    expect(socket.received).toEqual([]);
  });

  it('does not wait for a token for ever', async () => {
    const socket = (await TestSocket.connect(workbench.origin)) as TestSocket;
    const started = Date.now();
    expect(await socket.whenClosed()).toBe(4401);
    expect(Date.now() - started).toBeGreaterThan(4500);
  });

  it.each([
    ['http://evil.example', 403],
    ['null', 403],
    ['http://localhost:1', 403],
    ['file://', 403],
  ])('is refused to pages of %s', async (origin, status) => {
    expect(await TestSocket.connect(workbench.origin, { headers: { origin } })).toBe(status);
  });

  it('is refused under other names (DNS rebinding)', async () => {
    const headers = { host: 'evil.example' };
    expect(await TestSocket.connect(workbench.origin, { headers })).toBe(421);
    const both = { host: 'evil.example', origin: 'http://evil.example' };
    expect(await TestSocket.connect(workbench.origin, { headers: both })).toBe(421);
  });

  it('is at one place only', async () => {
    expect(await TestSocket.connect(workbench.origin, {}, '/other')).toBe(404);
  });

  it('takes its own pages', async () => {
    const socket = await TestSocket.connect(workbench.origin, { headers: { origin: workbench.origin } });
    expect(socket).toBeInstanceOf(TestSocket);
    (socket as TestSocket).close();
  });

  it('is closed by a message above 1 MiB, with or without a token', async () => {
    const big = JSON.stringify({ token: 'x'.repeat(1 << 20) });
    const stranger = (await TestSocket.connect(workbench.origin)) as TestSocket;
    stranger.sayRaw(big);
    expect(await stranger.whenClosed()).toBe(1009);
    const known = await TestSocket.open(workbench.origin, workbench.token);
    known.sayRaw(big);
    expect(await known.whenClosed()).toBe(1009);
  });

  it('cannot be filled by strangers for long', async () => {
    const strangers = await Promise.all(
      Array.from({ length: 110 }, () => TestSocket.connect(workbench.origin)),
    );
    expect(strangers).toContain(503);
    await Promise.all(strangers.map((s) => (s instanceof TestSocket ? s.whenClosed() : undefined)));
    (await TestSocket.open(workbench.origin, workbench.token)).close();
  });
});

describe('fuzzing', () => {
  it('12 000 hostile calls each get one answer, and nothing is changed', async () => {
    const socket = await TestSocket.open(workbench.origin, workbench.token);
    const before = await snapshot(socket);
    socket.received.length = 0;
    const count = 12_000;
    const codes = new Map<string, number>();
    let sent = 0;
    let answered = 0;
    for (const message of hostileCalls(count, 3)) {
      socket.say(message);
      sent++;
      // In batches, so that neither side holds all of them.
      if (sent % 200 === 0 || sent === count) {
        await socket.until(() => answers(socket) === sent - answered);
        for (const { answer } of socket.received.filter((m) => m.answer)) {
          const code = answer!.ok ? 'ok' : answer!.error.code;
          codes.set(code, (codes.get(code) ?? 0) + 1);
          if (!answer!.ok) expect(answer!.error).not.toHaveProperty('stack');
        }
        answered = sent;
        socket.received.length = 0;
      }
    }
    // All kinds of refusals were met, none of them an error of ours.
    expect([...codes.keys()]).toEqual(
      expect.arrayContaining(['ok', 'bad-input', 'unknown-call', 'bad-message', 'unknown-run']),
    );
    expect(codes.get('internal')).toBeUndefined();
    expect(await snapshot(socket)).toEqual(before);
    socket.close();
  });

  it('4 000 messages that are none leave it as it was', async () => {
    const socket = await TestSocket.open(workbench.origin, workbench.token);
    const before = await snapshot(socket);
    for (const message of brokenMessages(4000, 4)) socket.sayRaw(message);
    expect(await snapshot(socket)).toEqual(before);
    expect(socket.closed).toBeUndefined();
    socket.close();
  });

  it('wrote no error of ours to the terminal', () => {
    expect(workbench.log()).not.toMatch(/Error|at .*\.ts:\d/);
  });

  const answers = (socket: TestSocket) => socket.received.filter((message) => message.answer).length;

  const snapshot = async (socket: TestSocket) => [
    await socket.call('runs.list', {}),
    await socket.call('queue.get', {}),
    await socket.call('settings.get', {}),
    ({} as { polluted?: boolean }).polluted,
  ];
});

describe('files', () => {
  it('are the window, typed, cached by their hash, with a content security policy', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    const [script] = /assets\/[^"]+\.js/.exec(page.body)!;
    const asset = await ask(`/${script}`);
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  it.each([
    '/../package.json',
    '/../../../../etc/passwd',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/%2e%2e%2f%2e%2e%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/....//....//package.json',
    '/%252e%252e%252fpackage.json',
    '/..%c0%af..%c0%afpackage.json',
    '/index.html%00.js',
    '//etc/passwd',
    '/file:///etc/passwd',
    '/main.js',
    '/download/',
    '/download/../package.json',
    '/socket',
    '/%',
  ])('are not reached by %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(body).not.toMatch(/root:|"name"/);
  });

  it.each(['http://evil.example/', '*', 'index.html'])('are not reached by the address %s', async (path) => {
    expect((await ask(path)).status).toBe(400);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('are not for %s', async (method) => {
    const { status, headers } = await ask('/', { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
  });

  it('are refused under other names and to other pages', async () => {
    expect((await ask('/', { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await ask('/', { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  it('HEAD has the headers and no body', async () => {
    const { status, headers, body } = await ask('/', { method: 'HEAD' });
    expect([status, body]).toEqual([200, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });
});
