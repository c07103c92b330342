import { app, crashReporter, dialog, type BrowserWindow } from 'electron';
import type { Host } from '../app/host.ts';

/** A page that crashes again this soon is not loaded again without asking. */
const againMs = 60_000;

/** Crash dumps stay on this computer. */
export function keepCrashDumps(): void {
  crashReporter.start({ uploadToServer: false });
}

/** Training does not depend on the window: a crashed page is loaded again, a hanging one can be. */
export function surviveCrashes(window: BrowserWindow, { events }: Pick<Host, 'events'>): void {
  let lastMs = -Infinity;
  window.webContents.on('render-process-gone', async (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const isRepeated = Date.now() - lastMs < againMs;
    lastMs = Date.now();
    if (isRepeated && !(await ask(window, `The window stopped working again (${reason}).`, 'Quit'))) {
      return app.quit();
    }
    if (!window.isDestroyed()) window.webContents.reload();
  });
  window.on('unresponsive', async () => {
    if (await ask(window, 'The window does not answer.', 'Wait'))
      window.webContents.forcefullyCrashRenderer();
  });
  app.on('child-process-gone', (_event, { type, name, reason }) => {
    if (reason === 'clean-exit') return;
    events.emit('notice', { level: 'warning', text: `${name ?? type} stopped: ${reason}` });
  });
}

/** @returns whether the page is to be loaded again */
async function ask(window: BrowserWindow, message: string, otherwise: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    detail: 'Runs go on training meanwhile.',
    buttons: ['Reload the window', otherwise],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}
