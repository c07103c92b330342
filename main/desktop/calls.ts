import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import type { Answer, CallName } from '../../shared/contract.ts';
import type { Host } from '../app/host.ts';
import { isOurs } from './origin.ts';

const refused: Answer<CallName> = {
  ok: false,
  error: { code: 'refused', message: 'only the window of the workbench may call it' },
};

/** Answers the calls of the window, and nobody else's; passes events on to it until it is closed. */
export function connectWindow(
  window: BrowserWindow,
  { dispatcher, events }: Pick<Host, 'dispatcher' | 'events'>,
): void {
  const { webContents } = window;
  const connection = events.connect((event, payload) => {
    if (!webContents.isDestroyed()) webContents.send('event', event, payload);
  });
  const isSender = ({ sender, senderFrame }: IpcMainInvokeEvent) =>
    sender === webContents &&
    senderFrame !== null &&
    senderFrame === webContents.mainFrame &&
    isOurs(senderFrame.url);
  ipcMain.handle('call', (event, name: unknown, input: unknown) =>
    isSender(event) ? dispatcher.dispatch(name, input, connection) : refused,
  );
  // A reloaded page watches nothing yet.
  webContents.on('did-navigate', () => connection.watched.clear());
  window.once('closed', () => {
    ipcMain.removeHandler('call');
    connection.close();
  });
}
