import type { BrowserWindow } from 'electron';
import { app, dialog, Menu, nativeTheme, session, shell } from 'electron';
import type { Settings } from '../../shared/settings.ts';
import type { ShellServices } from '../app/context.ts';
import { createHost, type Host } from '../app/host.ts';
import { lockWorkspace } from '../app/workspace-lock.ts';
import { openWorkspace } from '../app/workspace.ts';
import { showActivity } from './activity.ts';
import { connectWindow } from './calls.ts';
import { keepCrashDumps, surviveCrashes } from './crashes.ts';
import { menuTemplate } from './menu.ts';
import { Opening } from './opening.ts';
import { restrictContents, restrictSession } from './permissions.ts';
import { registerScheme, serveWindow } from './protocol.ts';
import { quitSafely } from './quit.ts';
import { daily, openUpdates, type Updates } from './updater.ts';
import { startUtilityProcess } from './utility-process.ts';
import { openWindow } from './window.ts';

/** Starts the desktop shell. What Electron wants before it is ready is done before the first wait. */
export async function startDesktop(): Promise<void> {
  app.enableSandbox();
  registerScheme();
  keepCrashDumps();
  restrictContents();
  if (!app.requestSingleInstanceLock()) return app.quit();
  let window: BrowserWindow | undefined;
  const opening = new Opening();
  opening.listen();

  await app.whenReady();
  restrictSession(session.defaultSession);
  serveWindow(session.defaultSession);
  const opened = openHost(() => window);
  if (!opened) return app.exit(1);
  const { host, updates, release } = opened;

  const show = () => {
    window = openWindow();
    connectWindow(window, host);
    opening.connect(window, host);
    surviveCrashes(window, host);
    window.once('closed', () => (window = undefined));
  };
  quitSafely(host, () => window, release);
  showActivity(host, () => window);
  const checkDaily = daily(() => void updates.check());
  await followSettings(host, ({ theme, checkForUpdates }) => {
    // Menus, dialogs and the window's frame follow it too.
    nativeTheme.themeSource = theme;
    checkDaily(checkForUpdates);
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate({
        isMac: process.platform === 'darwin',
        isDevelopment: !app.isPackaged,
        onCommand: (id) => host.events.emit('command', { id }),
      }),
    ),
  );
  const summon = () => (window ? focus(window) : show());
  opening.summon = summon;
  // A Mac keeps an app without windows; its icon opens one again.
  app.on('activate', summon);
  show();
}

interface Opened {
  host: Host;
  updates: Updates;
  release(): void;
}

/** Opens the workspace; @returns undefined after saying why it cannot be opened */
function openHost(window: () => BrowserWindow | undefined): Opened | undefined {
  try {
    const workspace = openWorkspace(app.commandLine.getSwitchValue('workspace') || undefined);
    const lock = lockWorkspace(workspace);
    lock.announce('a desktop window');
    const updates = openUpdates();
    const host = createHost({
      workspace,
      shell: { ...desktopServices(window), updates },
      startWorker: startUtilityProcess,
      onWarning: (text) => console.warn(text),
    });
    updates.onChange = (state) => host.events.emit('updates.changed', state);
    return { host, updates, release: () => lock.release() };
  } catch (error) {
    dialog.showErrorBox('Filigree cannot open its workspace', (error as Error).message);
    return undefined;
  }
}

function desktopServices(window: () => BrowserWindow | undefined): ShellServices {
  return {
    kind: 'desktop',
    async chooseFolder() {
      const parent = window();
      const options = { properties: ['openDirectory' as const] };
      const { filePaths } = await (parent
        ? dialog.showOpenDialog(parent, options)
        : dialog.showOpenDialog(options));
      return filePaths[0];
    },
    reveal: (path) => shell.showItemInFolder(path),
  };
}

/** Calls `follow` with the settings as they are and as they change. */
async function followSettings(
  { dispatcher, events }: Host,
  follow: (settings: Settings) => void,
): Promise<void> {
  const connection = events.connect((event, payload) => {
    if (event === 'settings.changed') follow(payload as Settings);
  });
  const answer = await dispatcher.dispatch('settings.get', {}, connection);
  if (answer.ok) follow(answer.value as Settings);
}

function focus(window: BrowserWindow | undefined): void {
  if (!window) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
