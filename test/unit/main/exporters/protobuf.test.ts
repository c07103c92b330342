import { describe, expect, test } from 'vitest';
import { Message, readInts, readMessage } from '../../../../main/exporters/onnx/protobuf.ts';

const bytesOf = (message: Message) => Buffer.concat(message.chunks);

describe('protobuf messages', () => {
  test('have the bytes of the specification', () => {
    // protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2, packed 3, 270, 86942 in field 6.
    const message = new Message().int(1, 150).text(2, 'testing').ints(6, [3, 270, 86942]);
    expect(bytesOf(message).toString('hex')).toBe('089601' + '120774657374696e67' + '3206038e029ea705');
    expect(message.byteLength).toBe(bytesOf(message).length);
    expect(bytesOf(new Message().float(5, 1)).toString('hex')).toBe('2d0000803f');
  });

  test('nest, repeat and are read back', () => {
    const inner = new Message().int(3, 7).int(3, 2 ** 40);
    const fields = [...readMessage(bytesOf(new Message().messages(1, [inner, inner]).float(2, -0.5)))];
    expect(fields.map(({ field }) => field)).toEqual([1, 1, 2]);
    for (const { value } of fields.slice(0, 2))
      expect([...readMessage(value as Uint8Array)]).toEqual([
        { field: 3, value: 7 },
        { field: 3, value: 2 ** 40 },
      ]);
  });

  test('packed numbers come back, up to the largest that is exact', () => {
    const numbers = [0, 1, 127, 128, 16383, 16384, 2 ** 31, Number.MAX_SAFE_INTEGER];
    const [{ value }] = readMessage(bytesOf(new Message().ints(1, numbers)));
    expect(readInts(value as Uint8Array)).toEqual(numbers);
  });

  test.each([
    ['a text that ends too soon', '1207746573', 'cut off'],
    ['a number that ends too soon', '0896', 'cut off'],
    ['a group, which no message here has', '0b', 'wire type 3'],
    ['a negative number', '08ffffffffffffffffff01', 'above 2^53'],
  ])('%s is refused', (_, hex, why) => {
    expect(() => [...readMessage(Buffer.from(hex, 'hex'))]).toThrow(why);
  });
});
