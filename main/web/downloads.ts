import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { securityHeaders } from '../app/window-files.ts';

const validMs = 10 * 60_000;

/**
 * Files that a window may fetch over HTTP: one link per offer, good for one download within ten minutes. The link is
 * a secret of 192 bits, so a download needs no other proof of who asks.
 */
export class Downloads {
  readonly #offers = new Map<string, { path: string; expiresMs: number }>();

  /** @returns a path on the server's own origin */
  offer(path: string): string {
    const now = Date.now();
    for (const [ticket, { expiresMs }] of this.#offers) if (expiresMs <= now) this.#offers.delete(ticket);
    const ticket = randomBytes(24).toString('base64url');
    this.#offers.set(ticket, { path, expiresMs: now + validMs });
    return `/download/${ticket}`;
  }

  /** Answers a request for a ticket; HEAD does not use it up. */
  async send(ticket: string, method: 'GET' | 'HEAD', response: ServerResponse): Promise<void> {
    const offer = this.#offers.get(ticket);
    const live = offer !== undefined && offer.expiresMs > Date.now();
    const file = live ? await stat(offer.path).catch(() => undefined) : undefined;
    // Asked again after the wait, so that two requests at once get one download.
    if (!live || !file?.isFile() || !this.#offers.has(ticket)) {
      response.writeHead(404, { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('This download link is used up, expired or unknown: start the export again.\n');
      return;
    }
    if (method === 'GET') this.#offers.delete(ticket);
    const name = basename(offer.path);
    const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
    response.writeHead(200, {
      ...securityHeaders,
      'Content-Type': 'application/octet-stream',
      'Content-Length': file.size,
      'Content-Disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encodeRfc5987(name)}`,
      'Cache-Control': 'no-store',
    });
    if (method === 'HEAD') response.end();
    else await pipeline(createReadStream(offer.path), response).catch(ignoreAbort);
  }
}

const encodeRfc5987 = (text: string) =>
  encodeURIComponent(text).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Somebody cancelled the download in the browser. */
function ignoreAbort(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
