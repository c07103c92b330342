import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { UserError } from '../../shared/errors.ts';
import { securityHeaders } from '../app/window-files.ts';
import { makeToken, ownNames, refusal } from './access.ts';
import type { Downloads } from './downloads.ts';
import { StaticFiles } from './static-files.ts';
import { closeCodes, limits, WindowSocket, type SocketHost } from './window-socket.ts';

export interface ServerOptions {
  host: SocketHost;
  downloads: Downloads;
  /** Address to listen on. */
  address: string;
  /** 0: any free port. */
  port: number;
  /** Further names under which windows may address this server, e.g. behind a proxy. */
  allowedNames?: readonly string[];
  /** The built window; default: the one beside this code. */
  folder?: string;
  onDefect(error: unknown): void;
}

export interface WebServer {
  /** Without the token. */
  origin: string;
  port: number;
  token: string;
  /** Tells the windows that the host leaves, and stops. */
  close(): Promise<void>;
}

const maxWindows = 100;
const pingMs = 30_000;

/**
 * The browser shell: the built window over HTTP and the host behind it on a WebSocket at `/socket`.
 * @throws UserError `port-in-use`, `bad-address` when it cannot listen
 */
export async function serveWorkbench(options: ServerOptions): Promise<WebServer> {
  const { host, downloads, onDefect } = options;
  const names = ownNames(options.address, options.allowedNames);
  const files = new StaticFiles(options.folder);
  const token = makeToken();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onDefect(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'the workbench made an error');
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, names);
    if (refused) return refuse(response, refused.status, refused.reason);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, 'only GET and HEAD are answered');
    }
    const pathname = /^\/[^?#]*/.exec(request.url ?? '')?.[0];
    if (pathname === undefined) return refuse(response, 400, 'the address cannot be read');
    const ticket = /^\/download\/([\w-]+)$/.exec(pathname)?.[1];
    if (ticket) await downloads.send(ticket, request.method, response);
    else await files.send(pathname, request, response);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refused =
      refusal(request, names) ??
      (request.url === '/socket' ? undefined : { status: 404, reason: 'windows connect at /socket' }) ??
      (sockets.clients.size < maxWindows ? undefined : { status: 503, reason: 'too many windows are open' });
    if (refused) {
      socket.end(`HTTP/1.1 ${refused.status} Refused\r\nConnection: close\r\n\r\n${refused.reason}\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => new WindowSocket(webSocket, host, token));
  });

  await listen(server, options);
  const stopPings = dropDeadSockets(sockets);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${urlHost(options.address)}:${port}`,
    port,
    token,
    async close() {
      stopPings();
      for (const socket of sockets.clients) socket.close(closeCodes.leaving, 'the workbench was stopped');
      const closed = new Promise((resolve) => server.close(resolve));
      // A window that does not answer the goodbye is not waited for.
      const impatient = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, 1000);
      server.closeIdleConnections();
      await closed;
      clearTimeout(impatient);
    },
  };
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, {
    ...securityHeaders,
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
  });
  response.end(`${reason}\n`);
}

/** A window whose computer sleeps or lost its network does not say goodbye; one that misses a ping is dropped. */
function dropDeadSockets(sockets: WebSocketServer): () => void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.once('pong', () => silent.delete(socket));
      socket.ping();
    }
  }, pingMs);
  return () => clearInterval(timer);
}

function listen(server: ReturnType<typeof createServer>, { address, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const inUse = code === 'EADDRINUSE';
      const text = inUse
        ? `port ${port} is in use; leave --port out for a free one`
        : `--host ${address}: ${message}`;
      reject(new UserError(inUse ? 'port-in-use' : 'bad-address', text, inUse ? '--port' : '--host'));
    });
    server.listen(port, address, resolve);
  });
}

/** What stands in a link: a wildcard is reached through the loopback address, IPv6 stands in brackets. */
function urlHost(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
