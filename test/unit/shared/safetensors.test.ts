import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../../shared/safetensors.ts';

const tensors: Tensor[] = [
  { name: 'mask', dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'bytes', dtype: 'U8', shape: [5], data: Uint8Array.of(0, 1, 2, 254, 255) },
  {
    name: 'fc.weight',
    dtype: 'F32',
    shape: [2, 3],
    data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, 3.25),
  },
  { name: 'double', dtype: 'F64', shape: [2], data: Float64Array.of(Math.PI, -Infinity) },
  { name: 'int', dtype: 'I32', shape: [2], data: Int32Array.of(-2147483648, 2147483647) },
  { name: 'long', dtype: 'I64', shape: [1, 1], data: BigInt64Array.of(-9007199254740993n) },
  { name: 'scalar', dtype: 'F32', shape: [], data: Float32Array.of(7) },
  { name: 'empty', dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
];

/** A file with the given header and body, for what the encoder would refuse to write. */
function fileOf(header: unknown, body = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(body, 8 + json.length);
  return file;
}

describe('round trip', () => {
  test('every dtype keeps its bits, shape and name; metadata keeps its texts', () => {
    const metadata = { format: 'test', ünï: 'codé "quoted"' };
    const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
    expect(decoded.metadata).toEqual(metadata);
    const byName = new Map(decoded.tensors.map((tensor) => [tensor.name, tensor]));
    expect(byName.size).toBe(tensors.length);
    for (const tensor of tensors) expect(byName.get(tensor.name)).toEqual(tensor);
    expect(Object.is((byName.get('fc.weight')!.data as Float32Array)[1], -0)).toBe(true);
  });

  test('the order of tensors does not change the bytes', () => {
    expect(encodeSafetensors([...tensors].reverse())).toEqual(encodeSafetensors(tensors));
  });

  test('reads a file that lies at an odd offset of a larger buffer', () => {
    const file = encodeSafetensors(tensors);
    const padded = Buffer.alloc(file.length + 3);
    padded.set(file, 3);
    expect(decodeSafetensors(padded.subarray(3)).tensors).toHaveLength(tensors.length);
  });

  test('a tensor may be called __proto__', () => {
    const odd: Tensor[] = [{ name: '__proto__', dtype: 'U8', shape: [1], data: Uint8Array.of(9) }];
    expect(decodeSafetensors(encodeSafetensors(odd)).tensors).toEqual(odd);
  });

  test('no tensors at all', () => {
    expect(decodeSafetensors(encodeSafetensors([]))).toEqual({ tensors: [], metadata: {} });
  });
});

describe('the encoder refuses', () => {
  test.each<[string, Partial<Tensor>, RegExp]>([
    ['a shape that does not hold the data', { shape: [2, 2] }, /"t".*\[2, 2\] does not hold 3/],
    ['data of another type', { dtype: 'I32' }, /"t".*Int32Array, got Float32Array/],
    ['the reserved name', { name: '__metadata__' }, /__metadata__.*reserved/],
  ])('%s', (_, change, message) => {
    const tensor: Tensor = { name: 't', dtype: 'F32', shape: [3], data: new Float32Array(3), ...change };
    expect(() => encodeSafetensors([tensor])).toThrow(message);
  });

  test('a name used twice', () => {
    expect(() => encodeSafetensors([tensors[0], tensors[0]])).toThrow(/"mask".*twice/);
  });
});

describe('the decoder refuses', () => {
  const entry = (data_offsets: unknown, shape: unknown = [1], dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets,
  });
  const four = new Uint8Array(4);
  test.each<[string, Uint8Array, RegExp]>([
    ['a stump', new Uint8Array(5), /5 bytes/],
    ['a header longer than the file', fileOf({}).subarray(0, 9), /header should end/],
    ['a monstrous header length', new Uint8Array(16).fill(0xff), /header of \d+ bytes/],
    ['a header that is not JSON', fileOf('{"a":'), /not JSON/],
    ['a header that is a list', fileOf([]), /not a JSON object/],
    ['bytes that are not UTF-8', fileOf('x').fill(0xff, 8), /not JSON/],
    ['metadata with a number', fileOf({ __metadata__: { a: 1 } }), /__metadata__/],
    ['an unknown dtype', fileOf({ w: entry([0, 4], [1], 'F8') }, four), /"w" has dtype "F8"/],
    ['a dtype from the prototype', fileOf({ w: entry([0, 4], [1], 'toString') }, four), /"w" has dtype/],
    ['a negative size', fileOf({ w: entry([0, 4], [-1]) }, four), /"w" has shape/],
    ['offsets backwards', fileOf({ w: entry([4, 0]) }, four), /"w" has data_offsets/],
    ['offsets that do not fit the shape', fileOf({ w: entry([0, 4], [2]) }, four), /"w".*needs 8 bytes/],
    ['a size that overflows', fileOf({ w: entry([0, 4], [2 ** 52, 2 ** 52]) }, four), /"w".*needs/],
    ['a hole', fileOf({ a: entry([0, 4]), w: entry([8, 12]) }, new Uint8Array(12)), /"w" leaves a hole/],
    ['an overlap', fileOf({ a: entry([0, 4]), w: entry([2, 6]) }, new Uint8Array(6)), /"w" overlaps/],
    ['a truncated body', fileOf({ w: entry([0, 4]) }, new Uint8Array(3)), /end at byte/],
    ['bytes after the last tensor', fileOf({ w: entry([0, 4]) }, new Uint8Array(5)), /end at byte/],
    ['a BOOL of 2', fileOf({ w: entry([0, 1], [1], 'BOOL') }, Uint8Array.of(2)), /"w".*BOOL/],
  ])('%s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(message);
  });

  test('every truncation of a good file', () => {
    const file = encodeSafetensors(tensors);
    for (let length = 0; length < file.length; length++) {
      expect(() => decodeSafetensors(file.subarray(0, length)), `${length} bytes`).toThrow();
    }
  });
});

const hasPython = spawnSync('python3', ['-c', 'import numpy, safetensors.numpy']).status === 0;
if (!hasPython)
  console.warn('python3 with numpy and safetensors is not here: the reference reader is not compared');

describe.skipIf(!hasPython)(
  'the reference implementation (skipped without python3, numpy and safetensors)',
  () => {
    let folder: string;
    beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-safetensors-'))));
    afterAll(() => rmSync(folder, { recursive: true }));
    const python = (script: string, ...args: string[]) =>
      execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8' });

    test('reads what we write, bit for bit', () => {
      const file = join(folder, 'ours.safetensors');
      writeFileSync(file, encodeSafetensors(tensors, { hello: 'world' }));
      const read = python(
        `import sys, json
from safetensors import safe_open
with safe_open(sys.argv[1], framework='numpy') as f:
    print(json.dumps([f.metadata(), {k: [list(t.shape), t.tobytes().hex()] for k in f.keys() for t in [f.get_tensor(k)]}]))`,
        file,
      );
      const bytes = ({ data }: Tensor) =>
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
      const expected = Object.fromEntries(tensors.map((t) => [t.name, [t.shape, bytes(t)]]));
      expect(JSON.parse(read)).toEqual([{ hello: 'world' }, expected]);
    });

    test('writes what we read, bit for bit', () => {
      const file = join(folder, 'theirs.safetensors');
      python(
        `import sys, numpy as np
from safetensors.numpy import save_file
save_file({'w': np.array([[1.5, -2.0], [np.inf, 1e-40]], np.float32), 'i': np.array([-1, 1 << 40], np.int64),
           'b': np.array([True, False]), 'd': np.array(0.1)}, sys.argv[1], metadata={'a': 'b'})`,
        file,
      );
      const { tensors: read, metadata } = decodeSafetensors(readFileSync(file));
      expect(metadata).toEqual({ a: 'b' });
      const byName = Object.fromEntries(read.map((tensor) => [tensor.name, tensor]));
      expect(byName.w.data).toEqual(Float32Array.of(1.5, -2, Infinity, 1e-40));
      expect(byName.w.shape).toEqual([2, 2]);
      expect(byName.i.data).toEqual(BigInt64Array.of(-1n, 1n << 40n));
      expect(byName.b).toEqual({ name: 'b', dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) });
      expect(byName.d).toEqual({ name: 'd', dtype: 'F64', shape: [], data: Float64Array.of(0.1) });
    });
  },
);
