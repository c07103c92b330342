import { ipcRenderer } from 'electron';

/** The page's own world, of which Node's types know nothing. */
declare const window: { postMessage(message: unknown, origin: string, transfer: readonly unknown[]): void };
declare const location: { origin: string };

// All that the page of the GPU gets of Electron: its port, handed on from the isolated world of this script.
ipcRenderer.once('port', ({ ports }) => window.postMessage('gpu-port', location.origin, [...ports]));
