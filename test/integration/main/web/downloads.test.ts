import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { EventBus } from '../../../../main/app/events.ts';
import { Downloads } from '../../../../main/web/downloads.ts';
import { serveWorkbench, type WebServer } from '../../../../main/web/server.ts';

let folder: string;
let server: WebServer;
const downloads = new Downloads();
const get = (path: string, init?: RequestInit) => fetch(server.origin + path, init);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filigree-downloads-'));
  server = await serveWorkbench({
    host: {
      events: new EventBus(),
      dispatcher: { dispatch: () => Promise.reject(new Error('not asked here')) },
    },
    downloads,
    address: '127.0.0.1',
    port: 0,
    onDefect: (error) => {
      throw error;
    },
  });
});
afterEach(() => vi.useRealTimers());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function file(name: string, content = 'weights'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it('gives a file once, under its own name', async () => {
  const link = downloads.offer(file('my "run" λ%.npz'));
  expect(link).toMatch(/^\/download\/[\w-]{32}$/);
  expect((await get(link, { method: 'HEAD' })).headers.get('content-length')).toBe('7');
  const answer = await get(link);
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename="my _run_ __.npz"; filename*=UTF-8''my%20%22run%22%20%CE%BB%25.npz`,
  );
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(await answer.text()).toBe('weights');
  expect((await get(link)).status).toBe(404);
});

it('gives it to one of two who ask at once', async () => {
  const link = downloads.offer(file('once.npz'));
  const statuses = await Promise.all([get(link), get(link)].map(async (answer) => (await answer).status));
  expect(statuses.sort()).toEqual([200, 404]);
});

it('refuses links that were never offered, also to files that are there', async () => {
  const path = file('secret.npz');
  for (const link of [
    '/download/x',
    `/download/${'A'.repeat(32)}`,
    `/download/${encodeURIComponent(path)}`,
  ]) {
    expect((await get(link)).status, link).toBe(404);
  }
});

it('refuses an expired link and one whose file is gone', async () => {
  const expired = downloads.offer(file('late.npz'));
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: now + 10 * 60_000 });
  expect((await get(expired)).status).toBe(404);
  vi.setSystemTime(now);
  const gone = downloads.offer(join(folder, 'never-written.npz'));
  expect((await get(gone)).status).toBe(404);
  expect((await get(downloads.offer(folder))).status).toBe(404);
});
