import { UserError } from './errors.ts';

/**
 * Messages of the WebSocket. A message without typed arrays is JSON text; one with typed arrays is binary:
 * 4 bytes header length (little-endian), the header as JSON in UTF-8, zeros to a multiple of 8, then every array at
 * a multiple of 8. In JSON an array stands as `{ "$array": [type, offset, length] }`, a number that JSON lacks as
 * `{ "$number": "NaN" }`, and undefined is left out.
 */
const types = {
  Uint8Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;
type TypeName = keyof typeof types;
type TypedArray = InstanceType<(typeof types)[TypeName]>;

const align = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** @returns text, or bytes if the message holds typed arrays */
export function encodeMessage(message: unknown): string | Uint8Array<ArrayBuffer> {
  const arrays: TypedArray[] = [];
  let size = 0;
  // A replacer sees typed arrays before JSON would write them out as objects.
  const header = JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    if (!ArrayBuffer.isView(value)) return value;
    const array = value as TypedArray;
    const type = typeName(array);
    const at = size;
    arrays.push(array);
    size = align(at + array.byteLength);
    return { $array: [type, at, array.length] };
  });
  if (arrays.length === 0) return header;
  const head = new TextEncoder().encode(header);
  const start = align(4 + head.length);
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += align(array.byteLength);
  }
  return bytes;
}

/** @throws UserError `bad-message` if it is not what `encodeMessage` makes */
export function decodeMessage(message: string | Uint8Array): unknown {
  try {
    if (typeof message === 'string') return parse(message, new ArrayBuffer(0));
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const length = view.getUint32(0, true);
    const start = align(4 + length);
    if (start > message.byteLength) throw new Error('the header is longer than the message');
    const header = new TextDecoder('utf-8', { fatal: true }).decode(message.subarray(4, 4 + length));
    // A copy, so that every array is aligned whatever the socket's buffer was. (slice of a Node Buffer copies nothing.)
    return parse(header, new Uint8Array(message.subarray(start)).buffer);
  } catch (error) {
    throw new UserError('bad-message', `the message cannot be read: ${(error as Error).message}`);
  }
}

function parse(text: string, buffer: ArrayBuffer): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if (!('$array' in value)) return value;
    const [type, offset, length] = value.$array as [TypeName, number, number];
    if (!Object.hasOwn(types, type)) throw new Error(`${String(type)} is no array type`);
    if (!Number.isSafeInteger(length) || length < 0) throw new Error('an array has no length');
    return new types[type](buffer, offset, length);
  });
}

function typeName(array: TypedArray): TypeName {
  for (const [name, type] of Object.entries(types)) if (array instanceof type) return name as TypeName;
  throw new TypeError(`${Object.prototype.toString.call(array)} cannot be sent`);
}
