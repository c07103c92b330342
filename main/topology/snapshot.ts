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

/** Below this share of ones, gaps (about a byte per one) are smaller than deflated bits. */
const gapsBelow = 1 / 12;

/**
 * Encodes exactly, in the encoding that is smaller on random masks. Taken in the middle of training, so that it
 * works on eight entries at a time and spends well under a millisecond on 10⁵ entries.
 * @param base the mask of the snapshot before; left out for a key frame
 */
export function encodeMask(mask: Uint8Array, base?: Uint8Array): EncodedMask {
  const words = difference(mask, base);
  const gaps = packGaps(words, Math.floor(mask.length * gapsBelow));
  if (gaps) return { encoding: 'gaps', data: gaps };
  // Level 1: higher levels save a few percent on random masks and cost ten times the time.
  const bits = deflateRawSync(packBits(words, mask.length), { level: 1 });
  return { encoding: 'bits', data: new Uint8Array(bits) };
}

/** mask XOR base, four entries per word, padded with zeros to a whole number of eights. */
function difference(mask: Uint8Array, base: Uint8Array | undefined): Uint32Array {
  const words = new Uint32Array(2 * Math.ceil(mask.length / 8));
  const bytes = new Uint8Array(words.buffer);
  bytes.set(mask);
  if (!base) return words;
  const whole = base.byteOffset % 4 === 0 ? base.length >> 2 : 0;
  const baseWords = new Uint32Array(base.buffer, whole > 0 ? base.byteOffset : 0, whole);
  for (let i = 0; i < whole; i++) words[i] ^= baseWords[i];
  for (let i = 4 * whole; i < base.length; i++) bytes[i] ^= base[i];
  return words;
}

/**
 * @param size entries of the mask
 * @param base the decoded snapshot before, where this one is a difference
 * @throws Error if the data is damaged or of another size
 */
export function decodeMask(encoded: EncodedMask, size: number, base?: Uint8Array): Uint8Array {
  const mask = encoded.encoding === 'bits' ? unpackBits(encoded.data, size) : unpackGaps(encoded.data, size);
  if (base) for (let i = 0; i < size; i++) mask[i] ^= base[i];
  return mask;
}

/** Decodes the last snapshot of a chain: a key frame followed by differences, oldest first. */
export function decodeChain(chain: readonly EncodedMask[], size: number): Uint8Array {
  if (chain.length === 0) throw new Error('a mask snapshot needs a key frame');
  return chain.slice(1).reduce((base, next) => decodeMask(next, size, base), decodeMask(chain[0], size));
}

function packBits(words: Uint32Array, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  // Four 0/1 bytes of a word fold into its lowest four bits.
  const fold = (word: number) => (word | (word >>> 7) | (word >>> 14) | (word >>> 21)) & 15;
  for (let i = 0; i < bytes.length; i++) bytes[i] = fold(words[2 * i]) | (fold(words[2 * i + 1]) << 4);
  return bytes;
}

function unpackBits(data: Uint8Array, size: number): Uint8Array {
  const length = Math.ceil(size / 8);
  const bytes = inflateRawSync(data, { maxOutputLength: length + 1 });
  if (bytes.length !== length) throw damaged(size);
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) mask[i] = (bytes[i >> 3] >> (i & 7)) & 1;
  return mask;
}

/** Zeros before each one, seven bits per byte, low bits first; undefined if there are more than `limit` ones. */
function packGaps(words: Uint32Array, limit: number): Uint8Array | undefined {
  const entries = new Uint8Array(words.buffer);
  // Eight entries of 0 and 1 read as a double are zero only if all of them are.
  const eights = new Float64Array(words.buffer);
  const bytes = new Uint8Array(Math.min(5 * limit, words.length));
  let ones = 0;
  let length = 0;
  let previous = -1;
  for (let eight = 0; eight < eights.length; eight++) {
    if (eights[eight] === 0) continue;
    for (let i = 8 * eight; i < 8 * eight + 8; i++) {
      if (entries[i] === 0) continue;
      if (++ones > limit) return undefined;
      let gap = i - previous - 1;
      while (gap > 0x7f) {
        bytes[length++] = (gap & 0x7f) | 0x80;
        gap >>>= 7;
      }
      bytes[length++] = gap;
      previous = i;
    }
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
