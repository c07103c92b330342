import { stat } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built window: the same place from source (main/app) and from the bundle (out/main). */
export const windowFolder = fileURLToPath(new URL('../../out/renderer/', import.meta.url));

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * Headers of every answer to a window, whichever shell it runs in: nothing but our own scripts runs, nothing is
 * loaded from elsewhere, nobody frames us. Inline styles are ECharts' tooltips; images may be made on the spot.
 */
export const securityHeaders: Record<string, string> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export interface WindowFile {
  path: string;
  bytes: number;
  type: string;
  /** How long a browser may keep it: names of built assets carry a hash of their content. */
  cacheControl: string;
}

/**
 * The file of the window that stands behind the path of a URL.
 * @param pathname as the URL has it, percent-encoded
 * @returns undefined if there is none, also for every path that leaves the folder
 */
export async function findWindowFile(
  pathname: string,
  folder = windowFolder,
): Promise<WindowFile | undefined> {
  const name = decode(pathname === '/' ? '/index.html' : pathname);
  if (name === undefined || /[\0\\:]/.test(name)) return undefined;
  const path = resolve(folder, `.${name}`);
  const inside = relative(folder, path);
  const type = types[extname(path)];
  if (!type || inside.split(sep).some((part) => part === '' || part.startsWith('.'))) return undefined;
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const hashed = inside.startsWith(`assets${sep}`);
  return {
    path,
    bytes: found.size,
    type,
    cacheControl: hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}

function decode(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}
