import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../shared/wire.ts';

const roundTrip = (message: unknown) => decodeMessage(encodeMessage(message));

test('a message without arrays is JSON text', () => {
  const message = { id: 1, call: 'runs.list', input: { text: 'λ “x”', list: [1, null, true] } };
  expect(encodeMessage(message)).toBe(JSON.stringify(message));
  expect(roundTrip(message)).toEqual(message);
});

test('numbers that JSON lacks keep their value, undefined is left out', () => {
  expect(roundTrip({ a: NaN, b: Infinity, c: -Infinity, d: undefined, e: [NaN] })).toEqual({
    a: NaN,
    b: Infinity,
    c: -Infinity,
    e: [NaN],
  });
});

test('typed arrays of every kind, empty ones and views travel bit by bit', () => {
  const odd = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
  const message = {
    bits: odd,
    steps: Uint32Array.of(0, 4294967295),
    signed: Int32Array.of(-1),
    weights: Float32Array.of(0.1, NaN, -0),
    nested: [{ values: Float64Array.of(Math.PI, Infinity) }, { values: new Float64Array(0) }],
  };
  const bytes = encodeMessage(message) as Uint8Array;
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect(decodeMessage(bytes)).toEqual(message);
  // Sockets hand out buffers at any offset.
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(decodeMessage(shifted.subarray(3))).toEqual(message);
  // Node's buffers share memory, and their slice copies nothing.
  expect(decodeMessage(Buffer.from(shifted).subarray(3))).toEqual(message);
});

describe('what is not a message is refused', () => {
  const valid = encodeMessage({ a: Float64Array.of(1, 2) }) as Uint8Array;
  test.each<[string, string | Uint8Array]>([
    ['no JSON', '{'],
    ['no bytes', new Uint8Array(0)],
    ['a header longer than the message', new Uint8Array([255, 255, 0, 0, 1])],
    ['an array beyond its end', valid.slice(0, -8)],
    ['an array of no length', '{"a":{"$array":["Float64Array",0,-1]}}'],
    ['an array type from the prototype', '{"a":{"$array":["constructor",0,0]}}'],
    ['an array that is not there', '{"a":{"$array":["Float64Array",0,1000000000]}}'],
    ['an array of nothing', '{"a":{"$array":null}}'],
  ])('%s', (_, message) => {
    expect(() => decodeMessage(message)).toThrow(expect.objectContaining({ code: 'bad-message' }));
  });
});
