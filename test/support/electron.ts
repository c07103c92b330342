import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { vi } from 'vitest';

/**
 * A stand-in for the `electron` module that records what the desktop shell asks of it. Use with
 * `vi.mock('electron', async () => (await import('.../support/electron.ts')).makeElectron())`.
 */
export function makeElectron() {
  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    enableSandbox: vi.fn(),
    requestSingleInstanceLock: vi.fn(() => true),
    setAsDefaultProtocolClient: vi.fn(() => true),
    whenReady: vi.fn(async () => {}),
    exit: vi.fn(),
    switches: {} as Record<string, string>,
    commandLine: { getSwitchValue: (name: string) => app.switches[name] ?? '' },
    /** As Electron: `before-quit` may be prevented, else the windows close, else it quits. */
    quit: vi.fn(() => {
      const event = preventable();
      app.emit('before-quit', event);
      if (event.defaultPrevented) return;
      for (const window of [...BrowserWindow.all]) if (!window.close()) return;
      app.hasQuit = true;
    }),
    hasQuit: false,
  });

  class WebContents extends EventEmitter {
    readonly mainFrame = { url: 'app://filigree/#/runs' };
    readonly sent: unknown[][] = [];
    openHandler: ((details: { url: string }) => { action: string }) | undefined;
    reload = vi.fn();
    forcefullyCrashRenderer = vi.fn();
    isDestroyed = () => false;
    send = (...message: unknown[]) => void this.sent.push(message);
    /** Messages that carry ports. */
    readonly posted: { channel: string; ports: unknown[] }[] = [];
    postMessage = (channel: string, _message: unknown, ports: unknown[]) =>
      void this.posted.push({ channel, ports });
    setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
      this.openHandler = handler;
    }
  }

  class BrowserWindow extends EventEmitter {
    static all: BrowserWindow[] = [];
    readonly webContents = new WebContents();
    readonly options: Record<string, unknown>;
    isClosed = false;
    show = vi.fn();
    focus = vi.fn();
    restore = vi.fn();
    loadURL = vi.fn(async () => {});
    setProgressBar = vi.fn();
    isMinimized = () => true;
    isDestroyed = () => this.isClosed;

    constructor(options: Record<string, unknown>) {
      super();
      this.options = options;
      BrowserWindow.all.push(this);
      app.emit('web-contents-created', {}, this.webContents);
      app.emit('browser-window-created', {}, this);
    }

    /** As the user does. @returns whether it was let go */
    close(): boolean {
      const event = preventable();
      this.emit('close', event);
      if (event.defaultPrevented) return false;
      this.destroy();
      return true;
    }

    /** Without asking anybody. */
    destroy(): void {
      this.isClosed = true;
      BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this);
      this.emit('closed');
      if (BrowserWindow.all.length === 0) app.emit('window-all-closed');
    }
  }

  type Handler = (...args: never[]) => unknown;
  const remember = (into: Record<string, Handler>, name: string) => (handler: Handler) => {
    into[name] = handler;
  };
  const guards: Record<string, Handler> = {};
  const defaultSession = {
    guards,
    protocol: { handle: vi.fn() },
    setPermissionRequestHandler: remember(guards, 'request'),
    setPermissionCheckHandler: remember(guards, 'check'),
    setDevicePermissionHandler: remember(guards, 'device'),
    webRequest: { onBeforeRequest: remember(guards, 'load') },
  };

  class UtilityProcess extends EventEmitter {
    static all: UtilityProcess[] = [];
    pid: number | undefined;
    readonly messages: unknown[] = [];
    /** Of the last message that carried any. */
    ports: unknown[] = [];
    readonly entry: string;
    readonly options: unknown;
    kill = vi.fn();
    postMessage = (message: unknown, ports: unknown[] = []) => {
      this.messages.push(message);
      if (ports.length > 0) this.ports = ports;
    };

    constructor(entry: string, _args: string[], options: unknown) {
      super();
      this.entry = entry;
      this.options = options;
      UtilityProcess.all.push(this);
    }
  }

  const handlers = new Map<string, Handler>();
  return {
    app,
    BrowserWindow,
    UtilityProcess,
    // Node's own channel, with the ports' names and events alike.
    MessageChannelMain: MessageChannel,
    session: { defaultSession },
    protocol: { registerSchemesAsPrivileged: vi.fn() },
    ipcMain: {
      handlers,
      handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
      removeHandler: (channel: string) => void handlers.delete(channel),
    },
    Menu: { buildFromTemplate: vi.fn((template: unknown) => template), setApplicationMenu: vi.fn() },
    dialog: {
      showErrorBox: vi.fn(),
      showMessageBox: vi.fn(async () => ({ response: 0 })),
      showOpenDialog: vi.fn(async () => ({ filePaths: [] as string[] })),
    },
    shell: { openExternal: vi.fn(async () => {}), showItemInFolder: vi.fn() },
    crashReporter: { start: vi.fn() },
    nativeTheme: { themeSource: 'system', shouldUseDarkColors: true },
    powerSaveBlocker: { start: vi.fn(() => 7), stop: vi.fn() },
    utilityProcess: {
      fork: vi.fn(
        (entry: string, args: string[], options: unknown) => new UtilityProcess(entry, args, options),
      ),
    },
  };
}

export type ElectronStandIn = ReturnType<typeof makeElectron>;

export function preventable() {
  const event = { defaultPrevented: false, preventDefault: () => void (event.defaultPrevented = true) };
  return event;
}
