import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { findWindowFile, securityHeaders } from '../app/window-files.ts';
import { isOurs, scheme } from './origin.ts';

/** Must run before the app is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
}

/** Serves the built window at `app://filigree/`, with the same headers as the browser shell. */
export function serveWindow(session: Session, folder?: string): void {
  session.protocol.handle(scheme, async ({ url, method }) => {
    if (!isOurs(url)) return refuse(404);
    if (method !== 'GET' && method !== 'HEAD') return refuse(405);
    const file = await findWindowFile(new URL(url).pathname, folder);
    if (!file) return refuse(404);
    const headers = { ...securityHeaders, 'Content-Type': file.type, 'Cache-Control': file.cacheControl };
    return new Response(method === 'HEAD' ? null : await readFile(file.path), { headers });
  });
}

const refuse = (status: number) => new Response(null, { status, headers: securityHeaders });
