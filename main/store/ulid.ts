import { randomBytes } from 'node:crypto';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let last = 0n;

/**
 * A ULID (github.com/ulid/spec): 48 bits of milliseconds and 80 random bits as 26 characters. Later ones of one
 * process sort after earlier ones, also within a millisecond.
 */
export function ulid(nowMs = Date.now()): string {
  const fresh = (BigInt(nowMs) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  last = fresh > last ? fresh : last + 1n;
  let text = '';
  for (let rest = last; text.length < 26; rest >>= 5n) text = crockford[Number(rest & 31n)] + text;
  return text;
}
