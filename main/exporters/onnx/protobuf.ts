/** The wire format of Protocol Buffers, as much of it as ONNX needs (protobuf.dev/programming-guides/encoding). */

/** A message under construction, in chunks: large tensors are not copied. Empty repeated fields are left out. */
export class Message {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;

  /** int32, int64, enum. @param value a whole number ≥ 0 */
  int(field: number, value: number): this {
    return this.#append(Uint8Array.from([...varint(field * 8 + wires.varint), ...varint(value)]));
  }

  /** float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array([...varint(field * 8 + wires.fixed32), 0, 0, 0, 0]);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
    return this.#append(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, value.byteLength).#append(value);
  }

  message(field: number, value: Message): this {
    this.#tag(field, value.byteLength);
    for (const chunk of value.chunks) this.#append(chunk);
    return this;
  }

  messages(field: number, values: readonly Message[]): this {
    for (const value of values) this.message(field, value);
    return this;
  }

  /** Repeated int64, packed. @param values whole numbers ≥ 0 */
  ints(field: number, values: ArrayLike<number>): this {
    if (values.length === 0) return this;
    const bytes = new Uint8Array(values.length * longestVarint);
    let length = 0;
    for (let i = 0; i < values.length; i++) {
      let rest = values[i];
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes[length++] = (rest % 128) | 128;
      bytes[length++] = rest;
    }
    return this.bytes(field, bytes.slice(0, length));
  }

  #tag(field: number, byteLength: number): this {
    return this.#append(Uint8Array.from([...varint(field * 8 + wires.bytes), ...varint(byteLength)]));
  }

  #append(chunk: Uint8Array): this {
    this.chunks.push(chunk);
    this.byteLength += chunk.byteLength;
    return this;
  }
}

const wires = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Of numbers below 2^53. */
const longestVarint = 8;

function* varint(value: number): Generator<number> {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) yield (rest % 128) | 128;
  yield rest;
}

/** One field of a message that was read. */
export interface Field {
  field: number;
  /** A number for ints, bytes for everything that has a length (texts, messages, packed numbers) and for floats. */
  value: number | Uint8Array;
}

/** @throws Error if the message is cut off or uses a wire type that ONNX does not */
export function* readMessage(bytes: Uint8Array): Generator<Field> {
  const reader = new VarintReader(bytes);
  const take = (length: number) => {
    const value = bytes.subarray(reader.at, (reader.at += length));
    if (value.byteLength !== length) throw new Error('the protobuf message is cut off');
    return value;
  };
  while (reader.at < bytes.byteLength) {
    const tag = reader.next();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === wires.varint) yield { field, value: reader.next() };
    else if (wire === wires.bytes) yield { field, value: take(reader.next()) };
    else if (wire === wires.fixed32) yield { field, value: take(4) };
    else if (wire === wires.fixed64) yield { field, value: take(8) };
    else throw new Error(`the protobuf message has a field of wire type ${wire}`);
  }
}

/** Repeated int64, packed. @throws Error if a number is cut off or ≥ 2^53 */
export function readInts(bytes: Uint8Array): number[] {
  const reader = new VarintReader(bytes);
  const values: number[] = [];
  while (reader.at < bytes.byteLength) values.push(reader.next());
  return values;
}

class VarintReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new Error('the protobuf message is cut off');
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw new Error('the protobuf message holds a number above 2^53');
      if (byte < 128) return value;
    }
  }
}
