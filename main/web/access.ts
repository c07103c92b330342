import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

/** 192 random bits, safe in a URL. */
export const makeToken = () => randomBytes(24).toString('base64url');

/** Compares in constant time, whatever the lengths are. */
export function sameToken(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const loopback = ['127.0.0.1', 'localhost', '::1'];

export const isLoopback = (host: string) => loopback.includes(host) || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * The names under which this server may be addressed. A page of another site can make a browser connect to us
 * through a DNS name of its own (rebinding); such a name is not among these.
 * @param bound the address that the server listens on; all of the machine's own names for a wildcard
 */
export function ownNames(bound: string, allowed: readonly string[] = []): ReadonlySet<string> {
  const wildcard = bound === '0.0.0.0' || bound === '::';
  const own = Object.values(networkInterfaces()).flatMap((list) => list!.map(({ address }) => address));
  const names = wildcard ? [...loopback, ...own, hostname()] : isLoopback(bound) ? loopback : [];
  return new Set([...names, bound, ...allowed].map((name) => name.toLowerCase()));
}

/**
 * Who may ask: requests addressed to one of our names, from no page or from a page of ours. The port is not compared
 * with our own, because an SSH tunnel may have given us another one on the user's machine.
 * @returns the HTTP status of a refusal and its reason, or undefined
 */
export function refusal(
  { headers }: Pick<IncomingMessage, 'headers'>,
  names: ReadonlySet<string>,
): { status: number; reason: string } | undefined {
  const host = parseHost(`http://${headers.host ?? ''}`);
  if (!host || !names.has(host.name)) {
    const reason = `this workbench is not ${headers.host ? `known as ${headers.host.slice(0, 200)}` : 'addressed by name'}; --allow-host adds a name`;
    return { status: 421, reason };
  }
  if (headers.origin === undefined) return undefined;
  const origin = parseHost(headers.origin);
  if (origin?.host === host.host) return undefined;
  return { status: 403, reason: 'pages of other sites may not talk to this workbench' };
}

/** Host with and without port; IPv6 addresses without brackets. */
function parseHost(origin: string): { host: string; name: string } | undefined {
  if (!/^https?:\/\/[^/@?#]+$/i.test(origin) || !URL.canParse(origin)) return undefined;
  const { host, hostname: name } = new URL(origin);
  return { host, name: name.replace(/^\[|\]$/g, '') };
}
