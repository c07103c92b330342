import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { download } from '../../../../main/datasets/download.ts';
import { compressed, load, refusal, temporaryFolder, tinyIdxContents, tinySource } from './helpers.ts';

const content = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A loopback server; returns its address, with a slash at the end. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An address at which nothing listens. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}/`;
}

/** Answers with `bytes`, honouring Range. */
function answer(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  response
    .writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start })
    .end(bytes.subarray(start));
}

/** Promises everything and breaks the connection after `bytes`. */
function breakAfter(bytes: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
}

/** Downloads `content` from these mirrors into a new folder. */
function fetchContent(urls: string[], options: { folder?: string; signal?: AbortSignal } = {}) {
  const folder = options.folder ?? temporaryFolder();
  const target = join(folder, 'data.gz');
  const received: number[] = [];
  const done = download(
    {
      name: 'data.gz',
      urls,
      target,
      isGenuine: async (bytes) => bytes.equals(content),
      onBytes: (bytes) => received.push(bytes),
    },
    options.signal,
  );
  return { done, target, folder, received };
}

test('downloads, reports progress and leaves only the finished file', async () => {
  const mirror = await serve((request, response) => answer(content, request, response));
  const { done, target, folder, received } = fetchContent([`${mirror}data.gz`]);
  await done;
  expect(readFileSync(target).equals(content)).toBe(true);
  expect(readdirSync(folder)).toEqual(['data.gz']);
  expect(received.at(-1)).toBe(content.length);
});

test('a broken connection is resumed where it stopped', async () => {
  const ranges: (string | undefined)[] = [];
  const mirror = await serve((request, response) => {
    ranges.push(request.headers.range);
    if (ranges.length === 1) breakAfter(70_000, response);
    else answer(content, request, response);
  });
  const { done, target } = fetchContent([mirror]);
  await done;
  expect(ranges[0]).toBeUndefined();
  expect(Number(/bytes=(\d+)-/.exec(ranges[1]!)![1])).toBeGreaterThan(0);
  expect(ranges).toHaveLength(2);
  expect(readFileSync(target).equals(content)).toBe(true);
});

test('a part left by an earlier run is continued, and one of other content is started over', async () => {
  const ranges: (string | undefined)[] = [];
  const mirror = await serve((request, response) => {
    ranges.push(request.headers.range);
    answer(content, request, response);
  });
  const good = temporaryFolder();
  writeFileSync(join(good, 'data.gz.part'), content.subarray(0, 150_000));
  await fetchContent([mirror], { folder: good }).done;
  expect(ranges).toEqual(['bytes=150000-']);

  const bad = temporaryFolder();
  writeFileSync(join(bad, 'data.gz.part'), Buffer.alloc(150_000));
  const { done, target } = fetchContent([mirror], { folder: bad });
  await done;
  expect(ranges.slice(1)).toEqual(['bytes=150000-', undefined]);
  expect(readFileSync(target).equals(content)).toBe(true);
});

test('a complete part only takes its name', async () => {
  const mirror = await serve((request, response) => answer(content, request, response));
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'data.gz.part'), content);
  const { done, target, received } = fetchContent([mirror], { folder });
  await done;
  expect(existsSync(target)).toBe(true);
  expect(received).toEqual([]);
});

test('a server that ignores Range sends everything again, over a part that was too long', async () => {
  let asked = 0;
  const mirror = await serve((_, response) => {
    asked++;
    response.writeHead(200, { 'content-length': content.length }).end(content);
  });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'data.gz.part'), Buffer.alloc(300_000));
  const { done, target } = fetchContent([mirror], { folder });
  await done;
  expect(asked).toBe(1);
  expect(readFileSync(target).equals(content)).toBe(true);
});

test('404 on the first mirror: the second is used', async () => {
  let asked = 0;
  const first = await serve((_, response) => {
    asked++;
    response.writeHead(404).end();
  });
  const second = await serve((request, response) => answer(content, request, response));
  const { done, target } = fetchContent([first, second]);
  await done;
  expect(asked).toBe(1);
  expect(existsSync(target)).toBe(true);
});

test('wrong bytes are never kept', async () => {
  const mirror = await serve((request, response) => answer(Buffer.alloc(1000), request, response));
  const { done, folder } = fetchContent([mirror]);
  expect(await refusal(done)).toContain('is not the published one (its SHA-256 differs)');
  expect(readdirSync(folder)).toEqual([]);
});

test('a connection that breaks every time is given up after three attempts, and the part is kept', async () => {
  let asked = 0;
  const mirror = await serve((_, response) => {
    asked++;
    breakAfter(1000, response);
  });
  const { done, folder } = fetchContent([mirror]);
  expect(await refusal(done)).toContain('data.gz could not be downloaded');
  expect(asked).toBe(3);
  expect(readdirSync(folder)).toEqual(['data.gz.part']);
});

test('no network: every mirror is named with its reason, and where to put the file by hand', async () => {
  const closed = await closedAddress();
  const { done, folder } = fetchContent([closed, 'http://name.invalid/a']);
  const message = await refusal(done);
  expect(message).toContain(`${closed}: connect ECONNREFUSED`);
  expect(message).toMatch(/http:\/\/name\.invalid\/a: \S+/);
  expect(message).toContain(`put the file into ${folder} by hand`);
});

test('an abort stops at once and keeps the part', async () => {
  const controller = new AbortController();
  const mirror = await serve((_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 5000));
  });
  const { done, folder } = fetchContent([mirror], { signal: controller.signal });
  const reason = new Error('stopped by the user');
  setTimeout(() => controller.abort(reason), 200);
  await expect(done).rejects.toBe(reason);
  expect(readdirSync(folder)).toEqual(['data.gz.part']);
});

test('two runs that fetch the same file at once both get it', async () => {
  const mirror = await serve((request, response) => {
    setTimeout(() => answer(content, request, response), 20);
  });
  const folder = temporaryFolder();
  const runs = [fetchContent([mirror], { folder }), fetchContent([mirror], { folder })];
  await Promise.all(runs.map((run) => run.done));
  expect(readFileSync(join(folder, 'data.gz')).equals(content)).toBe(true);
  expect(readdirSync(folder)).toEqual(['data.gz']);
});

test('a data set downloads what its folder lacks, verifies it and loads', async () => {
  const files = compressed(tinyIdxContents());
  const asked: string[] = [];
  const mirror = await serve((request, response) => {
    asked.push(request.url!.slice(1));
    answer(files[request.url!.slice(1)], request, response);
  });
  const dataFolder = temporaryFolder();
  const source = tinySource(tinyIdxContents(), [mirror]);
  const environment = { dataFolder, allowDownload: true };
  const dataset = await load(source, {}, environment);
  expect([...dataset.test.labels]).toEqual([1, 0, 1, 0]);
  expect(asked).toEqual(Object.keys(files));
  await load(source, {}, environment);
  expect(asked).toHaveLength(4);
});
