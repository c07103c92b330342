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
  const words = wordsOf(mask);
  const baseWords = base ? wordsOf(base) : new Int32Array(words.length);
  const gaps = packGaps(words, baseWords, Math.floor(mask.length * gapsBelow));
  if (gaps) return { encoding: 'gaps', data: gaps };
  // Level 1: higher levels save a few percent on random masks and cost ten times the time.
  const bits = deflateRawSync(packBits(words, baseWords, mask.length), { level: 1 });
  return { encoding: 'bits', data: new Uint8Array(bits) };
}

/** Four entries per word, in place where the mask allows it, else padded with zeros to a whole number of eights. */
function wordsOf(mask: Uint8Array): Int32Array {
  if (mask.byteOffset % 4 === 0 && mask.length % 8 === 0) {
    return new Int32Array(mask.buffer, mask.byteOffset, mask.length >> 2);
  }
  const words = new Int32Array(2 * Math.ceil(mask.length / 8));
  new Uint8Array(words.buffer).set(mask);
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

function packBits(words: Int32Array, base: Int32Array, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  // Four 0/1 bytes of a word fold into its lowest four bits.
  const fold = (i: number) => {
    const word = words[i] ^ base[i];
    return (word | (word >>> 7) | (word >>> 14) | (word >>> 21)) & 15;
  };
  for (let i = 0; i < bytes.length; i++) bytes[i] = fold(2 * i) | (fold(2 * i + 1) << 4);
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
function packGaps(words: Int32Array, base: Int32Array, limit: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.min(5 * limit, words.length));
  let ones = 0;
  let length = 0;
  let previous = -1;
  for (let w = 0; w < words.length; w++) {
    // This comparison is nearly all of the work: masks change in few places.
    if (words[w] === base[w]) continue;
    for (let word = words[w] ^ base[w]; word !== 0; word &= word - 1) {
      if (++ones > limit) return undefined;
      // Its lowest one is in byte 0 to 3, which stands for the entry of that place.
      const at = 4 * w + ((31 - Math.clz32(word & -word)) >> 3);
      let gap = at - previous - 1;
      while (gap > 0x7f) {
        bytes[length++] = (gap & 0x7f) | 0x80;
        gap >>>= 7;
      }
      bytes[length++] = gap;
      previous = at;
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
