import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import type { RemoteDescription } from '../../../../main/backends/remote/messages.ts';
import { StaticFiles } from '../../../../main/web/static-files.ts';
import { ensureWindow } from '../../../../scripts/build-window.mjs';
import { launchChromium, swiftShader } from '../../../support/chromium.ts';
import { expectClose } from '../../../support/close.ts';
import { everyOperation } from '../../../support/graphs.ts';
import { randomBatch, randomNetwork, readAll, weightsOf } from '../../../support/networks.ts';

/** What the code below that runs in the page has there, of which Node's types know nothing. */
declare const window: {
  postMessage(message: string, origin: string, transfer: readonly unknown[]): void;
  ask(request: unknown): Promise<{ value?: unknown }>;
};
declare const location: { origin: string };

// The page of the hidden GPU window as it is built, under the headers that it is served with, in a real Chromium
// whose GPU is SwiftShader. What its preload script does in Electron, the page's own console does here.
let server: Server;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  await ensureWindow();
  const files = new StaticFiles();
  server = createServer((request, response) => void files.send(request.url!, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium(swiftShader);
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gpu/index.html`);
  await page.evaluate(() => {
    const { port1, port2 } = new MessageChannel();
    const waiting = new Map<number, (reply: { value?: unknown }) => void>();
    let last = 0;
    port1.addEventListener('message', (event) => {
      const { data } = event as unknown as { data: { id: number; value?: unknown } };
      waiting.get(data.id)?.(data);
    });
    port1.start();
    window.postMessage('gpu-port', location.origin, [port2]);
    Object.assign(window, {
      ask: (request: object) =>
        new Promise((resolve) => {
          waiting.set(++last, resolve);
          port1.postMessage({ ...request, id: last });
        }),
    });
  });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Asks the page over its port; arrays of numbers travel as plain ones. */
async function ask<T>(request: object): Promise<T> {
  const reply = await page.evaluate(
    async (question) => {
      const revive = (value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        if (Array.isArray(value)) return value.map(revive);
        const { kind, items } = value as { kind?: string; items?: number[] };
        if (kind === 'Set') return new Set(items);
        if (kind === 'Float32Array') return Float32Array.from(items!);
        if (kind === 'Int32Array') return Int32Array.from(items!);
        return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revive(entry)]));
      };
      const { value, ...rest } = await window.ask(revive(question));
      return { ...rest, value: value instanceof Float32Array ? [...value] : value };
    },
    plain(request) as object,
  );
  expect(reply).toMatchObject({ type: 'done' });
  return reply.value as T;
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Set || value instanceof Float32Array || value instanceof Int32Array) {
    return { kind: value.constructor.name, items: [...value] };
  }
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

test('the page of the GPU computes what the reference computes, in the sandbox and under the policy of a window', async () => {
  const { device, description, versions } = await ask<RemoteDescription>({ type: 'open' });
  expect(device).toMatchObject({ kind: 'software' });
  expect(description).toMatch(/^TensorFlow\.js 4\.22\.0 on WebGPU: .*\(software: slow\)$/);
  expect(versions.Chromium).toMatch(/^\d+\./);

  const graph = everyOperation();
  const oracle = await randomNetwork(referenceBackend, graph, { density: 0.5 });
  const options = { maxBatch: 8, threads: 1, sparse: weightsOf(graph) };
  await ask({ type: 'compile', network: 1, graph, options });
  const call = <T>(call: string, ...args: unknown[]) => ask<T>({ type: 'call', network: 1, call, args });
  for (const [name, value] of await readAll(oracle, 'value')) await call('write', name, 'value', value);
  const batch = randomBatch(graph, 8);
  const rule = { kind: 'linbreg', learningRate: 0.1, delta: 1, momentum: 0.9 } as const;
  const regularizer = { kind: 'l1', lambda: 0.01 } as const;
  const step = { gradients: 'dense', dropoutSeed: 3 } as const;
  const [own, expected] = [
    await call<{ loss: number; correct: number }>('trainStep', batch, step),
    await oracle.trainStep(batch, step),
  ];
  expect(own.loss).toBeCloseTo(expected.loss, 5);
  expect(own.correct).toBe(expected.correct);
  await call('applyUpdate', { ...rule, regularizer }, { scope: 'all' });
  await oracle.applyUpdate({ ...rule, regularizer }, { scope: 'all' });
  for (const slot of ['gradient', 'value'] as const) {
    for (const [name, numbers] of await readAll(oracle, slot)) {
      expectClose(await call<number[]>('read', name, slot), numbers, 1e-5, `${name} ${slot}`);
    }
  }
  expect(complaints).toEqual([]);
}, 120_000);
