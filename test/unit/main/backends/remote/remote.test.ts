import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import type { Backend, Network } from '../../../../../main/backends/backend.ts';
import { unavailable, type LoadedEngine } from '../../../../../main/backends/engine.ts';
import { openRemote } from '../../../../../main/backends/remote/client.ts';
import { connect } from '../../../../../main/backends/remote/port.ts';
import { serve, type LosableEngine } from '../../../../../main/backends/remote/server.ts';
import { referenceBackend } from '../../../../../main/backends/reference/index.ts';
import { everyOperation, perceptron } from '../../../../support/graphs.ts';
import { randomBatch, randomNetwork, readAll } from '../../../../support/networks.ts';
import { l1, plainRules, regularizedRules } from '../../../../support/rules.ts';
import { tfjsBackend } from '../../../../support/tfjs.ts';

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** Both ends of a connection as two processes have them; `lose` is the device going away. */
function twoEnds(backend: Backend, load?: () => Promise<LosableEngine>) {
  const channel = new MessageChannel();
  channels.push(channel);
  let lose!: (reason: string) => void;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  const engine: LosableEngine = {
    ...{ backend, threads: 1, versions: { library: '4.22.0' }, lost },
    device: { name: 'a GPU', kind: 'gpu', notes: [] },
  };
  serve(connect(channel.port2), load ?? (async () => engine));
  return { channel, lose, open: () => openRemote(connect(channel.port1), 2000) };
}

const bits = (numbers: Float32Array | Uint8Array) => Buffer.from(numbers.slice().buffer).toString('base64');

/** Everything that a network can be asked for, as text that differs if one bit does. */
async function walk(network: Network): Promise<string> {
  const batch = randomBatch(network.graph, 8);
  const seen: unknown[] = [];
  const rules = [...Object.values(plainRules), ...Object.values(regularizedRules(l1))];
  for (const [step, rule] of rules.entries()) {
    const options = { gradients: 'dense', labelSmoothing: 0.1, dropoutSeed: step } as const;
    const { loss, correct } = await network.trainStep(batch, options);
    seen.push(loss, correct, await network.gradientNorm());
    await network.applyUpdate(rule, { scope: 'all', gradientScale: 0.5 });
  }
  await network.reselect();
  for (const slot of ['value', 'gradient', 'momentum', 'dual', 'moment1', 'moment2', 'updates'] as const) {
    for (const [name, numbers] of await readAll(network, slot)) seen.push(name, bits(numbers));
  }
  for (const { name } of network.buffers) seen.push(bits(await network.read(name, 'value')));
  for (const { name } of network.parameters) {
    seen.push(network.activeCount(name), bits(await network.readMask(name)));
  }
  seen.push(await network.evaluate(randomBatch(network.graph, 5)));
  seen.push(bits(await network.logits(randomBatch(network.graph, 3, 4, 'byte'))));
  seen.push(network.usedSlots(), network.execution(), network.memoryBytes());
  seen.push(network.parameters, network.buffers);
  return JSON.stringify(seen);
}

describe('a network behind a port', () => {
  test.each([
    ['perceptron', perceptron, tfjsBackend],
    ['everyOperation', everyOperation, tfjsBackend],
    ['everyOperation', everyOperation, referenceBackend],
  ] as const)('%s gives the bits that it gives at home', async (_name, build, backend) => {
    const engine = await twoEnds(backend).open();
    expect(engine).toMatchObject({ threads: 1, versions: { library: '4.22.0' }, device: { name: 'a GPU' } });
    expect(engine.backend).toMatchObject({ id: backend.id, title: backend.title });
    expect(engine.backend.describe()).toBe(backend.describe());
    const setup = { density: 0.5 };
    const away = await randomNetwork(engine.backend, build(), setup);
    const home = await randomNetwork(backend, build(), setup);
    expect(await walk(away)).toBe(await walk(home));
  });

  test('gets only its own batch out of a large data set', async () => {
    const { channel, open } = twoEnds(referenceBackend);
    const { backend } = await open();
    const network = await randomNetwork(backend, perceptron());
    const samples = new Float32Array(37 * 10_000).fill(0.5);
    const labels = new Int32Array(10_000);
    let bytes = 0;
    channel.port2.on('message', ({ args }: { args?: { samples: Float32Array; labels: Int32Array }[] }) => {
      if (args?.[0]?.samples) bytes = args[0].samples.buffer.byteLength + args[0].labels.buffer.byteLength;
    });
    const view = { samples: samples.subarray(37 * 500, 37 * 504), labels: labels.subarray(500), size: 4 };
    const home = await randomNetwork(referenceBackend, perceptron());
    expect(await network.evaluate(view)).toEqual(await home.evaluate(view));
    expect(bytes).toBe(4 * 37 * 4 + 4 * 4);
  });

  test('tells its own errors, and goes on', async () => {
    const { backend } = await twoEnds(referenceBackend).open();
    const network = await randomNetwork(backend, perceptron());
    await expect(network.read('fc9.weight', 'value')).rejects.toThrow(/fc9\.weight/);
    expect(() => network.activeCount('fc9.weight')).toThrow('this network has no parameter fc9.weight');
    expect((await network.read('fc2.bias', 'value')).length).toBe(7);
    network.dispose();
    await expect(network.reselect()).rejects.toThrow('there is no network 1');
  });

  test('can be asked for nothing but the calls of a network', async () => {
    const { channel, open } = twoEnds(referenceBackend);
    await randomNetwork((await open()).backend, perceptron());
    const answer = new Promise((resolve) => channel.port1.once('message', resolve));
    channel.port1.postMessage({ id: 99, type: 'call', network: 1, call: 'constructor', args: [] });
    expect(await answer).toMatchObject({
      type: 'failed',
      error: { message: expect.stringContaining('constructor is not a call of a network') as string },
    });
  });
});

describe('what cannot compute', () => {
  test('says why when it is opened', async () => {
    const { open } = twoEnds(referenceBackend, async () => unavailable('webgpu', 'no GPU was found'));
    await expect(open()).rejects.toMatchObject({
      code: 'backend-unavailable',
      field: 'engine.backend',
      message: expect.stringContaining('no GPU was found') as string,
    });
  });

  test('is given up when it does not answer', async () => {
    const { port1, port2 } = new MessageChannel();
    channels.push({ port1, port2 } as MessageChannel);
    await expect(openRemote(connect(port1), 50)).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringContaining('did not answer within 0.05 s') as string,
    });
  });
});

describe('a device that goes away ends every call as device-lost', () => {
  /** Computes forever. */
  const stuck: Backend = {
    ...referenceBackend,
    compile: async (...of) =>
      Object.assign(await referenceBackend.compile(...of), { trainStep: () => new Promise<never>(() => {}) }),
  };

  async function inTheMiddle(happen: (ends: ReturnType<typeof twoEnds>) => void) {
    const ends = twoEnds(stuck);
    const { backend } = (await ends.open()) as LoadedEngine;
    const network = await randomNetwork(backend, perceptron());
    const call = network.trainStep(randomBatch(network.graph, 8), { gradients: 'dense' });
    setTimeout(() => happen(ends), 20);
    return { network, failure: await call.catch((error: Error & { code: string }) => error) };
  }

  test.each([
    [
      'the other side says so',
      'a driver reset',
      ({ lose }: ReturnType<typeof twoEnds>) => lose('a driver reset'),
    ],
    [
      'the other side is gone',
      'the connection to it was closed',
      ({ channel }: ReturnType<typeof twoEnds>) => channel.port2.close(),
    ],
  ])('%s', async (_what, reason, happen) => {
    const { network, failure } = await inTheMiddle(happen);
    expect(failure).toMatchObject({ name: 'UserError', code: 'device-lost' });
    expect((failure as Error).message).toContain(`was lost: ${reason}`);
    await expect(network.read('fc1.weight', 'value')).rejects.toMatchObject({ code: 'device-lost' });
    network.dispose();
  });
});
