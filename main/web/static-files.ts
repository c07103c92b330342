import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { findWindowFile, securityHeaders, type WindowFile } from '../app/window-files.ts';

const compress = promisify(gzip);

/** Serves the built window; text is compressed once per file, for windows at the far end of a slow line. */
export class StaticFiles {
  readonly #folder: string | undefined;
  readonly #compressed = new Map<string, { bytes: number; content: Buffer }>();

  /** @param folder default: the window that was built beside this code */
  constructor(folder?: string) {
    this.#folder = folder;
  }

  async send(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await findWindowFile(pathname, this.#folder);
    if (!file) {
      response.writeHead(404, { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('There is no such file.\n');
      return;
    }
    const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const zipped = accepts && !/font|png/.test(file.type);
    const content = zipped ? await this.#zip(file) : await readFile(file.path);
    response.writeHead(200, {
      ...securityHeaders,
      'Content-Type': file.type,
      'Content-Length': content.length,
      'Cache-Control': file.cacheControl,
      Vary: 'Accept-Encoding',
      ...(zipped && { 'Content-Encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  }

  async #zip({ path, bytes, cacheControl }: WindowFile): Promise<Buffer> {
    const known = this.#compressed.get(path);
    if (known?.bytes === bytes) return known.content;
    const content = await compress(await readFile(path));
    // Only names with a hash keep their content.
    if (cacheControl.includes('immutable')) this.#compressed.set(path, { bytes, content });
    return content;
  }
}
