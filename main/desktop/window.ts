import { fileURLToPath } from 'node:url';
import { BrowserWindow, nativeTheme } from 'electron';
import { origin } from './origin.ts';
import { sandboxed } from './sandbox.ts';

// The bundle of the main process lies in out/main, the preload script beside it in out/preload.
const preload = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));
const background = () => (nativeTheme.shouldUseDarkColors ? '#101318' : '#f8f9fb');

/** Opens the one window. It appears when there is something to see, where it was when it was last closed. */
export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    name: 'workbench',
    windowStatePersistence: true,
    title: 'Filigree',
    width: 1440,
    height: 900,
    minWidth: 880,
    minHeight: 560,
    show: false,
    backgroundColor: background(),
    webPreferences: sandboxed(preload),
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${origin}/`);
  return window;
}
