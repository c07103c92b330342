import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * A mask, or the difference (XOR) of a mask to the one before, in few bytes.
 * - bits: eight entries per byte, first entry in the lowest bit, deflated;
 * - gaps: the distances between successive ones as variable-length integers, smaller when ones are rare.
 */
export interface EncodedMask {
  encoding: 'bits' | 'gaps';
  data: Uint8Array;
}

/** Every so many snapshots a whole mask is stored, so that reading one never follows a long chain of differences. */
export const keyFrameInterval = 16;

/**
 * Encodes exactly, choosing the smaller encoding.
 * @param base the mask of the snapshot before; left out for a key frame
 */
export function encodeMask(mask: Uint8Array, base?: Uint8Array): EncodedMask {
  const difference = base ? mask.map((is, i) => is ^ base[i]) : mask;
  // Level 1: higher levels save a few percent on random masks and cost ten times the time.
  const bits = deflateRawSync(packBits(difference), { level: 1 });
  const gaps = packGaps(difference, bits.length);
  return gaps ? { encoding: 'gaps', data: gaps } : { encoding: 'bits', data: new Uint8Array(bits) };
}

/**
 * @param size entries of the mask
 * @param base the decoded snapshot before, where this one is a difference
 * @throws Error if the data is damaged or of another size
 */
export function decodeMask(encoded: EncodedMask, size: number, base?: Uint8Array): Uint8Array {
  const mask = encoded.encoding === 'bits' ? unpackBits(encoded.data, size) : unpackGaps(encoded.data, size);
  return base ? mask.map((is, i) => is ^ base[i]) : mask;
}

/** Decodes the last snapshot of a chain: a key frame followed by differences, oldest first. */
export function decodeChain(chain: readonly EncodedMask[], size: number): Uint8Array {
  if (chain.length === 0) throw new Error('a mask snapshot needs a key frame');
  return chain.slice(1).reduce((base, next) => decodeMask(next, size, base), decodeMask(chain[0], size));
}

function packBits(mask: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) bytes[i >> 3] |= mask[i] << (i & 7);
  return bytes;
}

function unpackBits(data: Uint8Array, size: number): Uint8Array {
  const length = Math.ceil(size / 8);
  const bytes = inflateRawSync(data, { maxOutputLength: length + 1 });
  if (bytes.length !== length) throw damaged(size);
  return new Uint8Array(size).map((_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
}

/** Zeros before each one, seven bits per byte, low bits first; undefined once it is no smaller than `limit` bytes. */
function packGaps(mask: Uint8Array, limit: number): Uint8Array | undefined {
  const bytes = new Uint8Array(limit);
  let length = 0;
  let previous = -1;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    let gap = i - previous - 1;
    do {
      if (length >= limit - 1) return undefined;
      bytes[length++] = (gap & 0x7f) | (gap > 0x7f ? 0x80 : 0);
      gap >>>= 7;
    } while (gap > 0);
    previous = i;
  }
  return bytes.slice(0, length);
}

function unpackGaps(data: Uint8Array, size: number): Uint8Array {
  const mask = new Uint8Array(size);
  let position = -1;
  for (let at = 0; at < data.length;) {
    let gap = 0;
    let shift = 0;
    let byte: number;
    do {
      if (at === data.length || shift > 28) throw damaged(size);
      byte = data[at++];
      gap += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte & 0x80);
    position += gap + 1;
    if (position >= size) throw damaged(size);
    mask[position] = 1;
  }
  return mask;
}

const damaged = (size: number) => new Error(`a mask snapshot of ${size} entries is damaged`);
