import { UserError } from '../../shared/errors.ts';

/**
 * Reads an idx file of unsigned bytes: 0, 0, 0x08, the number of dimensions, each size as a big-endian 32-bit integer,
 * then the values with the last dimension fastest.
 * @param content the decompressed file
 * @param name for messages
 * @param dimensions the sizes it must have, e.g. [60000, 28, 28]
 * @returns the values, a view of `content`
 * @throws UserError `bad-data` naming the file, what it holds and what was expected
 */
export function readIdx(content: Uint8Array, name: string, dimensions: readonly number[]): Uint8Array {
  const refuse = (problem: string): never => {
    throw new UserError('bad-data', `${name} ${problem}`);
  };
  const header = 4 + 4 * dimensions.length;
  const expected = header + dimensions.reduce((product, size) => product * size, 1);
  if (content.length < header) refuse(`is truncated: ${content.length} bytes, expected ${expected}`);

  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const magic = view.getUint32(0);
  const expectedMagic = 0x0800 + dimensions.length;
  if (magic !== expectedMagic) {
    refuse(
      `starts with ${hex(magic)}; expected ${hex(expectedMagic)} ` +
        `(idx format, unsigned bytes, ${dimensions.length} dimensions)`,
    );
  }
  const sizes = dimensions.map((_, i) => view.getUint32(4 + 4 * i));
  if (sizes.some((size, i) => size !== dimensions[i])) {
    refuse(`holds ${sizes.join(' × ')} values; expected ${dimensions.join(' × ')}`);
  }
  if (content.length < expected)
    refuse(`is truncated: ${content.length} bytes after decompression, expected ${expected}`);
  if (content.length > expected)
    refuse(`is too long: ${content.length} bytes after decompression, expected ${expected}`);
  return content.subarray(header);
}

/** The opposite of `readIdx`. */
export function writeIdx(values: Uint8Array, dimensions: readonly number[]): Uint8Array {
  const header = 4 + 4 * dimensions.length;
  const content = new Uint8Array(header + values.length);
  const view = new DataView(content.buffer);
  view.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  content.set(values, header);
  return content;
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`;
