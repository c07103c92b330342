import { app, dialog, type BrowserWindow } from 'electron';
import type { Host } from '../app/host.ts';

/**
 * Quitting: asks while runs train, lets them write a checkpoint, then quits.
 * @param finish runs last, when the host is closed
 */
export function quitSafely(host: Host, window: () => BrowserWindow | undefined, finish: () => void): void {
  let phase: 'open' | 'asking' | 'closing' | 'closed' = 'open';

  const quit = async () => {
    const count = host.queue.get().active.length;
    if (count > 0) {
      phase = 'asking';
      if (!(await confirm(count, window()))) {
        phase = 'open';
        return;
      }
    }
    phase = 'closing';
    await host.close().catch((error: unknown) => console.error(error));
    finish();
    phase = 'closed';
    app.quit();
  };

  app.on('before-quit', (event) => {
    if (phase === 'closed') return;
    event.preventDefault();
    if (phase === 'open') void quit();
  });
  // The last window stays until the answer is known, so that "Go on training" leaves everything as it was.
  app.on('browser-window-created', (_event, created) => {
    created.on('close', (event) => {
      if (phase === 'closed' || process.platform === 'darwin') return;
      event.preventDefault();
      app.quit();
    });
  });
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
}

async function confirm(count: number, window: BrowserWindow | undefined): Promise<boolean> {
  const options = {
    type: 'question' as const,
    message: count === 1 ? 'A run is training.' : `${count} runs are training.`,
    detail: 'Quitting writes a checkpoint of each, from which it can be resumed bit for bit.',
    buttons: ['Checkpoint and quit', 'Go on training'],
    defaultId: 0,
    cancelId: 1,
  };
  const { response } = await (window
    ? dialog.showMessageBox(window, options)
    : dialog.showMessageBox(options));
  return response === 0;
}
