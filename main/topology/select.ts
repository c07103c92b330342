import type { Random } from '../../shared/random.ts';

/** The three digits of a radix selection over 32-bit keys, most significant first. */
const digits = [
  { shift: 21, bits: 11 },
  { shift: 10, bits: 11 },
  { shift: 0, bits: 10 },
] as const;

/**
 * Marks the k largest scores. Exact and deterministic: among equal scores the lower index wins.
 * Radix selection on the bit patterns: three passes whatever the data, so O(n) and no worst case.
 * @param scores any finite values; -0 counts as 0
 * @param k 0 ≤ k ≤ number of eligible entries
 * @param eligible 1 for entries that may be chosen; all when left out
 * @returns 1 for chosen entries, 0 elsewhere
 * @throws RangeError if k is out of range
 */
export function topK(scores: Float32Array, k: number, eligible?: Uint8Array): Uint8Array {
  const n = scores.length;
  const available = eligible ? countOnes(eligible) : n;
  checkCount(k, available);
  if (k === available) return eligible ? eligible.slice() : new Uint8Array(n).fill(1);
  const chosen = new Uint8Array(n);
  if (k === 0) return chosen;

  const keys = orderedKeys(scores);
  let prefix = 0;
  let prefixShift = 32;
  let wanted = k;
  for (const { shift, bits } of digits) {
    const counts = new Uint32Array(1 << bits);
    const digitMask = (1 << bits) - 1;
    for (let i = 0; i < n; i++) {
      if (eligible && !eligible[i]) continue;
      if (prefixShift === 32 || keys[i] >>> prefixShift === prefix) counts[(keys[i] >>> shift) & digitMask]++;
    }
    let digit = digitMask;
    while (counts[digit] < wanted) wanted -= counts[digit--];
    prefix = ((prefix << bits) | digit) >>> 0;
    prefixShift = shift;
  }
  // `prefix` is now the key of the k-th largest score, of which the first `wanted` are taken.
  for (let i = 0; i < n; i++) {
    if (eligible && !eligible[i]) continue;
    if (keys[i] > prefix) chosen[i] = 1;
    else if (keys[i] === prefix && wanted > 0) {
      chosen[i] = 1;
      wanted--;
    }
  }
  return chosen;
}

/** Unsigned integers in the order of the floats: sign bit flipped, all bits flipped where negative. */
function orderedKeys(scores: Float32Array): Uint32Array {
  const keys = new Uint32Array(scores.buffer, scores.byteOffset, scores.length).slice();
  for (let i = 0; i < keys.length; i++) {
    const bits = keys[i] === 0x80000000 ? 0 : keys[i];
    keys[i] = bits & 0x80000000 ? ~bits : bits | 0x80000000;
  }
  return keys;
}

/**
 * Marks exactly k entries, every subset of the eligible ones being equally likely (selection sampling).
 * @param eligible 1 for entries that may be chosen
 * @throws RangeError if k is out of range
 */
export function randomK(eligible: Uint8Array, k: number, random: Random): Uint8Array {
  let left = countOnes(eligible);
  checkCount(k, left);
  const chosen = new Uint8Array(eligible.length);
  let wanted = k;
  for (let i = 0; wanted > 0; i++) {
    if (!eligible[i]) continue;
    if (random.uniform() * left < wanted) {
      chosen[i] = 1;
      wanted--;
    }
    left--;
  }
  return chosen;
}

/** A uniformly random mask of `size` entries, exactly k of them 1. */
export function randomMask(size: number, k: number, random: Random): Uint8Array {
  return randomK(new Uint8Array(size).fill(1), k, random);
}

export function countOnes(mask: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i];
  return ones;
}

function checkCount(k: number, available: number): void {
  if (!Number.isInteger(k) || k < 0 || k > available) {
    throw new RangeError(`cannot select ${k} of ${available} entries`);
  }
}
