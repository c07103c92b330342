import { bridgeClient } from './bridge.ts';
import type { HostClient } from './client.ts';
import { webSocketClient } from './websocket.ts';

const tokenKey = 'filigree-token';

/** The host of this page: Electron's bridge if there is one, else the server that the page came from. */
export function connectToHost(): HostClient {
  if (window.filigree) return bridgeClient(window.filigree);
  const { protocol, host } = window.location;
  return webSocketClient(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/socket`, takeToken());
}

/**
 * The token comes in the fragment of the link that the terminal printed (`#token=…`), which is never sent to a
 * server or in a referrer. It is remembered for this origin, so that further tabs and reloads work, and taken out of
 * the address bar.
 */
function takeToken(): string {
  const match = /^#token=([\w-]+)(?:&to=(.*))?$/.exec(window.location.hash);
  if (match) {
    localStorage.setItem(tokenKey, match[1]);
    history.replaceState(null, '', `#${match[2] ? decodeURIComponent(match[2]) : '/'}`);
  }
  return localStorage.getItem(tokenKey) ?? '';
}
