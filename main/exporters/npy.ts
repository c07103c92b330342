import { show } from '../../shared/errors.ts';

/** The .npy array format, version 1.0 (NumPy Enhancement Proposal 1), in C order. */
const types = {
  '<f4': { of: Float32Array, bytes: 4 },
  '<i4': { of: Int32Array, bytes: 4 },
  '<i8': { of: BigInt64Array, bytes: 8 },
  '|b1': { of: Uint8Array, bytes: 1 },
  '|S3': { of: Uint8Array, bytes: 3 },
} as const;

export interface NpyArray {
  /** NumPy's type string; `|b1` is a boolean, `|S3` a text of three bytes. */
  type: keyof typeof types;
  shape: readonly number[];
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

const magic = '\x93NUMPY\x01\x00';

export function encodeNpy({ type, shape, data }: NpyArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // NumPy aligns the data to 64 bytes: spaces, then a line feed.
  const start = Math.ceil((magic.length + 2 + header.length + 1) / 64) * 64;
  const text = magic + '\0\0' + header.padEnd(start - magic.length - 3) + '\n';
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set(Buffer.from(text, 'latin1'));
  new DataView(bytes.buffer).setUint16(magic.length, start - magic.length - 2, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** Reads what `encodeNpy` writes. @throws Error naming the array if it is anything else */
export function decodeNpy(name: string, bytes: Uint8Array): NpyArray {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65_536)).toString('latin1');
  const header = /^\{'descr': '(.{3})', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n/.exec(
    text.slice(10),
  );
  if (!text.startsWith(magic) || !header || !Object.hasOwn(types, header[1])) {
    throw new Error(`array ${show(name)} is not one of the .npy arrays that are written here`);
  }
  const type = header[1] as NpyArray['type'];
  const shape = header[2].split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const body = new Uint8Array(bytes.subarray(10 + header[0].length));
  const wanted = shape.reduce((a, b) => a * b, 1) * types[type].bytes;
  if (body.byteLength !== wanted) {
    throw new Error(
      `array ${show(name)} has ${body.byteLength} bytes, its shape [${shape.join(', ')}] needs ${wanted}`,
    );
  }
  return { type, shape, data: new types[type].of(body.buffer) };
}
