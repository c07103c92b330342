import { fileURLToPath } from 'node:url';
import { BrowserWindow, MessageChannelMain, type UtilityProcess } from 'electron';
import { gpuRequest } from '../backends/webgpu/gpu-request.ts';
import { origin } from './origin.ts';
import { sandboxed } from './sandbox.ts';

const preload = fileURLToPath(new URL('../preload/gpu.cjs', import.meta.url));

/**
 * Opens a hidden window that computes on Chromium's GPU for a utility process, and connects the two. The window goes
 * with the process; a window that crashes closes its port, which tells the process that its device is lost.
 */
export function openGpuWindow(child: UtilityProcess): void {
  const window = new BrowserWindow({
    show: false,
    title: 'Filigree GPU',
    skipTaskbar: true,
    webPreferences: sandboxed(preload),
  });
  const { port1, port2 } = new MessageChannelMain();
  const close = () => {
    if (!window.isDestroyed()) window.destroy();
  };
  const { webContents } = window;
  webContents.once('did-finish-load', () => webContents.postMessage('port', null, [port2]));
  webContents.once('render-process-gone', () => {
    close();
    // Before the page had it, nobody else would close it.
    port2.close();
  });
  child.once('exit', close);
  child.postMessage(gpuRequest, [port1]);
  void window.loadURL(`${origin}/gpu/index.html`);
}
