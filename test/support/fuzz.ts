import { Random } from '../../shared/random.ts';

const noise = 'ABCD0123'.repeat(3) + '42';

/** Calls as a window makes them, without one that changes anything when its run does not exist. */
const valid: readonly { call: string; input: unknown }[] = [
  { call: 'runs.list', input: {} },
  { call: 'runs.get', input: { id: noise } },
  { call: 'runs.rename', input: { id: noise, name: 'renamed' } },
  { call: 'runs.setTags', input: { id: noise, tags: ['a'] } },
  { call: 'runs.delete', input: { ids: [noise] } },
  { call: 'runs.pause', input: { id: noise } },
  { call: 'queue.reorder', input: { ids: [noise] } },
  { call: 'queue.get', input: {} },
  { call: 'curves.read', input: { series: [{ runId: noise, key: 'train/loss' }], x: 'step', buckets: 100 } },
  { call: 'curves.csv', input: { runId: noise, keys: ['train/loss'] } },
  { call: 'live.watch', input: { ids: [noise] } },
  { call: 'masks.list', input: { id: noise } },
  { call: 'masks.read', input: { id: noise, layer: 'fc1.weight', steps: [0, 10] } },
  { call: 'form.preview', input: { config: { model: { id: 'mlp' }, method: { id: 'sgd' } } } },
  { call: 'form.preview', input: { config: deepConfig() } },
  { call: 'form.preview', input: { config: deepConfig() } },
  { call: 'form.preview', input: { config: deepConfig() } },
  { call: 'exports.create', input: { runId: noise, format: 'npz' } },
  { call: 'exports.preview', input: { runId: noise, transforms: ['shrink'] } },
  { call: 'settings.get', input: {} },
  { call: 'files.list', input: { path: '/nowhere' } },
  { call: 'tasks.cancel', input: { id: 'none' } },
];

/** So that what is wrong is often deep in a config, behind the first checks. */
function deepConfig(): unknown {
  return {
    name: 'fuzz',
    model: { id: 'mlp', values: { hidden: '200,80', activation: 'relu' } },
    dataset: { id: 'fashion-mnist-mini', values: {} },
    method: { id: 'rigl', values: { density: 0.1, learningRate: 0.1 } },
    training: { epochs: 3, batchSize: 128, seed: 1 },
  };
}

const hostile: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => -1,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => 0.1,
  () => '',
  () => '\u0000\ud800',
  () => 'x'.repeat(5000),
  () => '../../../../etc/passwd',
  () => "'; DROP TABLE runs; --",
  () => '__proto__',
  () => 'constructor',
  () => true,
  () => [],
  () => ({}),
  () => [[[[[[]]]]]],
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  () => ({ $array: ['Float64Array', 0, 1e9] }),
  () => ({ $array: ['constructor', 0, 1] }),
  () => ({ $array: ['Uint8Array', -8, 1] }),
  () => ({ $number: 'NaN' }),
  () => ({ $number: { toString: 'no function' } }),
  () => nested(200),
];

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { value };
  return value;
}

export type HostileMessage = { id?: unknown; call?: unknown; input?: unknown };

/** Calls with one or two things wrong in them, or a name that is no call; the same seed gives the same calls. */
export function* hostileCalls(count: number, seed: number): Generator<HostileMessage> {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  for (let id = 1; id <= count; id++) {
    const { call, input } = structuredClone(pick(valid));
    const message: HostileMessage = { id, call, input };
    const wrong = 1 + random.below(2);
    for (let i = 0; i < wrong; i++) spoil(message, pick, random);
    yield message;
  }
}

function spoil(message: HostileMessage, pick: <T>(list: readonly T[]) => T, random: Random): void {
  const kind = random.below(20);
  if (kind === 0)
    message.call = pick(['__proto__', 'constructor', 'toString', 'runs', '', 'runs.list ', 'RUNS.LIST']);
  else if (kind === 1) message.call = pick(hostile)();
  else if (kind === 2) message.input = pick(hostile)();
  else if (kind === 3)
    addKey(message.input, pick(['__proto__', 'constructor', 'extra', 'toString']), pick(hostile)());
  else replaceInside(message, pick, random);
}

function addKey(target: unknown, key: string, value: unknown): void {
  if (typeof target !== 'object' || target === null) return;
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Puts something hostile in place of a value somewhere in the input. */
function replaceInside(message: HostileMessage, pick: <T>(list: readonly T[]) => T, random: Random): void {
  let holder: Record<string, unknown> = message as Record<string, unknown>;
  let key = 'input';
  for (;;) {
    const value = holder[key];
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    if (keys.length === 0 || random.uniform() < 0.2) break;
    holder = value as Record<string, unknown>;
    key = pick(keys);
  }
  addKey(holder, key, pick(hostile)());
}

/** Bytes and text that are no messages: random, cut off, with flipped bits, nested beyond reason. */
export function* brokenMessages(count: number, seed: number): Generator<string | Uint8Array<ArrayBuffer>> {
  const random = new Random(seed, 'broken');
  const calls = hostileCalls(count, seed);
  const encoder = new TextEncoder();
  for (const message of calls) {
    const text = JSON.stringify(message);
    const bytes = encoder.encode(text);
    const kind = random.below(6);
    if (kind === 0) yield text.slice(0, random.below(text.length));
    else if (kind === 1) {
      for (let i = 0; i < 3; i++) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      yield bytes;
    } else if (kind === 2) yield Uint8Array.from({ length: random.below(300) }, () => random.below(256));
    else if (kind === 3) yield binary(bytes, random);
    else if (kind === 4) yield '['.repeat(1 + random.below(20_000));
    else yield `{"id":${id(random)},"call":"runs.list","input":{}}`;
  }
}

const id = (random: Random) =>
  ['-1', '1e999', '"1"', 'null', '{}', '1.5', '9007199254740993'][random.below(7)];

/** A binary message whose header length or arrays are a lie. */
function binary(header: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + header.length + random.below(64));
  const length = [header.length, 0xffffffff, 0, header.length + 1000, header.length - 1][random.below(5)];
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.set(header, 4);
  return bytes;
}
