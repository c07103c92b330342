import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as HostModule from '../../../../main/app/host.ts';
import { lockWorkspace } from '../../../../main/app/workspace-lock.ts';
import { openWorkspace } from '../../../../main/app/workspace.ts';
import { commands } from '../../../../shared/commands.ts';
import type { Answer, CallName } from '../../../../shared/contract.ts';
import { makeElectron, preventable, type ElectronStandIn } from '../../../support/electron.ts';
import { hostileCalls } from '../../../support/fuzz.ts';

// The main process of the desktop shell as it is, against a stand-in for Electron that records what it is asked.
let electron: ElectronStandIn;
let workspace: string;
let host: HostModule.Host | undefined;

async function start(): Promise<InstanceType<ElectronStandIn['BrowserWindow']> | undefined> {
  vi.resetModules();
  vi.doMock('electron', () => electron);
  const original = await vi.importActual<typeof HostModule>('../../../../main/app/host.ts');
  vi.doMock('../../../../main/app/host.ts', () => ({
    createHost: (options: never) => (host = original.createHost(options)),
  }));
  const { startDesktop } = await import('../../../../main/desktop/application.ts');
  await startDesktop();
  return electron.BrowserWindow.all[0];
}

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'filigree-desktop-'));
  electron = makeElectron();
  electron.app.switches.workspace = workspace;
  host = undefined;
});
afterEach(async () => {
  await host?.close();
  rmSync(workspace, { recursive: true, force: true });
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('start', () => {
  it('sandboxes everything and registers its scheme before Electron is ready', async () => {
    let before: unknown[] = [];
    electron.app.whenReady.mockImplementation(async () => {
      before = [
        electron.app.enableSandbox.mock.calls.length,
        electron.protocol.registerSchemesAsPrivileged.mock.calls[0][0],
        electron.crashReporter.start.mock.calls[0][0],
      ];
    });
    await start();
    const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
    expect(before).toEqual([1, [{ scheme: 'app', privileges }], { uploadToServer: false }]);
  });

  it('opens one locked-down window that remembers its place', async () => {
    const window = (await start())!;
    expect(window.options).toMatchObject({ name: 'workbench', windowStatePersistence: true, show: false });
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(window.loadURL).toHaveBeenCalledWith('app://filigree/');
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect(window.show).toHaveBeenCalled();
  });

  it('leaves at once when it runs already, and comes to the front when started again', async () => {
    const window = (await start())!;
    electron.app.emit('second-instance', {}, ['filigree'], workspace);
    expect(window.restore).toHaveBeenCalled();
    expect(window.focus).toHaveBeenCalled();
    await host!.close();

    electron = makeElectron();
    electron.app.requestSingleInstanceLock.mockReturnValue(false);
    expect(await start()).toBeUndefined();
    expect(electron.app.hasQuit).toBe(true);
  });

  it('says where a workspace is open already, and ends', async () => {
    const lock = lockWorkspace(openWorkspace(workspace));
    lock.announce('a browser window at http://127.0.0.1:99');
    expect(await start()).toBeUndefined();
    const [, message] = electron.dialog.showErrorBox.mock.calls[0] as unknown as [string, string];
    expect(message).toContain('http://127.0.0.1:99');
    expect(electron.app.exit).toHaveBeenCalledWith(1);
    lock.release();
  });
});

describe('app://', () => {
  const request = (url: string, method = 'GET'): Promise<Response> => {
    const [scheme, handler] = electron.session.defaultSession.protocol.handle.mock.calls[0] as [
      string,
      never,
    ];
    expect(scheme).toBe('app');
    return (handler as (r: { url: string; method: string }) => Promise<Response>)({ url, method });
  };

  beforeEach(async () => void (await start()));

  it('serves nothing outside the window folder, to nobody else, and only reads', async () => {
    for (const path of [
      '..%2f..%2fpackage.json',
      '%2e%2e/%2e%2e/package.json',
      '..%5c..%5cpackage.json',
      'missing.js',
    ]) {
      expect((await request(`app://filigree/${path}`)).status, path).toBe(404);
    }
    for (const url of ['app://other/index.html', 'app://filigree.evil/index.html', 'app://filigree:80/']) {
      expect((await request(url)).status, url).toBe(404);
    }
    expect((await request('app://filigree/', 'POST')).status).toBe(405);
  });

  it('sends the content security policy with every answer', async () => {
    for (const url of ['app://filigree/', 'app://filigree/missing.js']) {
      const policy = (await request(url)).headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'; script-src 'self';");
    }
  });
});

describe('pages', () => {
  it('get no permission but notifications and copying, and those only at home', async () => {
    await start();
    const { request, check, device } = electron.session.defaultSession.guards as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const asked = (permission: string, requestingUrl: string) => {
      let granted: unknown;
      request({}, permission, (answer: unknown) => (granted = answer), { requestingUrl });
      return granted;
    };
    expect(asked('notifications', 'app://filigree/#/runs')).toBe(true);
    expect(asked('notifications', 'https://evil.example/')).toBe(false);
    expect(asked('notifications', 'app://filigree.evil/')).toBe(false);
    for (const permission of [
      'media',
      'geolocation',
      'midi',
      'openExternal',
      'fileSystem',
      'clipboard-read',
      'usb',
    ]) {
      expect(asked(permission, 'app://filigree/'), permission).toBe(false);
      expect(check(null, permission, 'app://filigree'), permission).toBe(false);
    }
    expect(check(null, 'clipboard-sanitized-write', 'app://filigree/')).toBe(true);
    expect(check(null, 'notifications', 'https://evil.example/')).toBe(false);
    expect(device({})).toBe(false);
  });

  it('load nothing from elsewhere', async () => {
    await start();
    const cancels = (url: string) => {
      let decision: { cancel?: boolean } = {};
      const load = electron.session.defaultSession.guards.load as unknown as (
        details: { url: string },
        decide: (d: typeof decision) => void,
      ) => void;
      load({ url }, (d) => (decision = d));
      return decision.cancel;
    };
    expect(cancels('app://filigree/assets/index.js')).toBe(false);
    for (const url of [
      'https://evil.example/',
      'http://127.0.0.1/',
      'file:///etc/passwd',
      'app://evil/',
      'ws://x/',
    ]) {
      expect(cancels(url), url).toBe(true);
    }
  });

  it('open no windows and go nowhere; https links open in the browser of the user', async () => {
    const { webContents } = (await start())!;
    for (const url of [
      'https://arxiv.org/abs/2105.04319',
      'http://x.example',
      'file:///etc/passwd',
      'javascript:1',
      '',
    ]) {
      expect(webContents.openHandler!({ url })).toEqual({ action: 'deny' });
    }
    expect(electron.shell.openExternal.mock.calls).toEqual([['https://arxiv.org/abs/2105.04319']]);
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      const away = { ...preventable(), url: 'https://evil.example/' };
      const prevented = vi.fn();
      webContents.emit(name, { ...away, preventDefault: prevented });
      expect(prevented, name).toHaveBeenCalled();
      const home = vi.fn();
      webContents.emit(name, { url: 'app://filigree/#/runs', preventDefault: home });
      expect(home, name).not.toHaveBeenCalled();
    }
    const attach = preventable();
    webContents.emit('will-attach-webview', attach);
    expect(attach.defaultPrevented).toBe(true);
  });
});

describe('calls', () => {
  type Window = InstanceType<ElectronStandIn['BrowserWindow']>;
  const call = (window: Window, name: unknown, input: unknown, sender: object = {}) => {
    const { webContents } = window;
    const handler = electron.ipcMain.handlers.get('call') as (
      ...args: unknown[]
    ) => Promise<Answer<CallName>>;
    return handler({ sender: webContents, senderFrame: webContents.mainFrame, ...sender }, name, input);
  };

  it('of the window are answered, everybody else is refused', async () => {
    const window = (await start())!;
    expect(await call(window, 'runs.list', {})).toEqual({ ok: true, value: [] });
    const strangers = [
      { sender: {} },
      { senderFrame: null },
      { senderFrame: { url: 'app://filigree/' } },
      { sender: {}, senderFrame: { url: 'app://filigree/' } },
    ];
    for (const stranger of strangers) {
      expect(await call(window, 'runs.list', {}, stranger)).toMatchObject({ error: { code: 'refused' } });
    }
    window.webContents.mainFrame.url = 'https://evil.example/';
    expect(await call(window, 'runs.list', {})).toMatchObject({ error: { code: 'refused' } });
  });

  it('survive 10 000 hostile ones; nothing is changed and no error of ours is met', async () => {
    const window = (await start())!;
    const defect = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const { call: name, input } of hostileCalls(10_000, 5)) {
      const answer = await call(window, name, input);
      expect(typeof answer.ok).toBe('boolean');
    }
    expect(defect.mock.calls).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(await call(window, 'runs.list', {})).toEqual({ ok: true, value: [] });
  });

  it('get events until the window is closed', async () => {
    const window = (await start())!;
    host!.events.emit('notice', { level: 'info', text: 'hello' });
    expect(window.webContents.sent.at(-1)).toEqual(['event', 'notice', { level: 'info', text: 'hello' }]);
    await call(window, 'live.watch', { ids: ['0'.repeat(26)] });
    expect(host!.events.isWatched('0'.repeat(26))).toBe(true);
    window.webContents.emit('did-navigate');
    expect(host!.events.isWatched('0'.repeat(26))).toBe(false);
    window.emit('closed');
    const count = window.webContents.sent.length;
    host!.events.emit('notice', { level: 'info', text: 'nobody' });
    expect(window.webContents.sent.length).toBe(count);
    expect(electron.ipcMain.handlers.has('call')).toBe(false);
  });
});

describe('the menu', () => {
  type Item = {
    id?: string;
    role?: string;
    label?: string;
    submenu?: Item[];
    click?(): void;
    [key: string]: unknown;
  };

  it('has every command of the table, once, and sends it to the window', async () => {
    const window = (await start())!;
    const menu = electron.Menu.setApplicationMenu.mock.calls[0][0] as Item[];
    const items = menu.flatMap(({ submenu }) => submenu ?? []).filter(({ id }) => id);
    expect(items.map(({ id }) => id).sort()).toEqual(commands.map(({ id }) => id).sort());
    items.find(({ id }) => id === 'run.new')!.click!();
    expect(window.webContents.sent.at(-1)).toEqual(['event', 'command', { id: 'run.new' }]);
  });

  it('shows keys but leaves them to the window', async () => {
    const { menuTemplate } = await import('../../../../main/desktop/menu.ts');
    const find = (isMac: boolean, id: string) =>
      (menuTemplate({ isMac, isDevelopment: false, onCommand() {} }) as Item[])
        .flatMap(({ submenu }) => submenu ?? [])
        .find((item) => item.id === id)!;
    expect(find(false, 'view.palette')).toMatchObject({
      accelerator: 'CmdOrCtrl+K',
      registerAccelerator: false,
    });
    expect(find(false, 'run.new')).toMatchObject({ accelerator: 'c', registerAccelerator: false });
    expect(find(false, 'go.runs').accelerator).toBeUndefined();
    expect(find(true, 'run.new').accelerator).toBeUndefined();
    expect(find(true, 'edit.undo').accelerator).toBeUndefined();
  });
});

describe('training', () => {
  const row = (state: string, step: number) =>
    ({ id: 'A', state, step, totalSteps: 100, metrics: {}, name: 'a run' }) as never;

  it('keeps the computer awake and shows its progress in the task bar', async () => {
    const window = (await start())!;
    host!.events.emit('queue.changed', { slots: 1, active: ['A'], waiting: [] });
    host!.events.emit('queue.changed', { slots: 1, active: ['A', 'B'], waiting: [] });
    expect(electron.powerSaveBlocker.start.mock.calls).toEqual([['prevent-app-suspension']]);
    host!.events.emit('runs.changed', { rows: [row('running', 25)], removed: [] });
    expect(window.setProgressBar).toHaveBeenLastCalledWith(0.25, { mode: 'normal' });
    host!.events.emit('runs.changed', { rows: [row('paused', 30)], removed: [] });
    expect(window.setProgressBar).toHaveBeenLastCalledWith(0.3, { mode: 'paused' });
    host!.events.emit('runs.changed', { rows: [row('finished', 100)], removed: [] });
    expect(window.setProgressBar).toHaveBeenLastCalledWith(-1, { mode: 'normal' });
    expect(electron.powerSaveBlocker.stop).not.toHaveBeenCalled();
    host!.events.emit('queue.changed', { slots: 1, active: [], waiting: [] });
    expect(electron.powerSaveBlocker.stop.mock.calls).toEqual([[7]]);
  });

  it('runs in utility processes: orders wait for the start, and killing is not asking', async () => {
    vi.resetModules();
    vi.doMock('electron', () => electron);
    const { startUtilityProcess } = await import('../../../../main/desktop/utility-process.ts');
    const heard: unknown[] = [];
    const training = startUtilityProcess('training', {
      onMessage: (message) => heard.push(message),
      onExit: (how) => heard.push(how),
    });
    const [child] = electron.UtilityProcess.all.splice(0);
    expect(child.entry).toMatch(/trainer\.js$/);
    training.send({ type: 'pause' });
    expect(child.messages).toEqual([]);
    child.emit('spawn');
    training.send({ type: 'stop' });
    expect(child.messages).toEqual([{ type: 'pause' }, { type: 'stop' }]);
    child.emit('message', { type: 'continuing', step: 3 });
    child.emit('exit', 7);
    expect(heard).toEqual([{ type: 'continuing', step: 3 }, 'ended with exit code 7']);
    training.kill();
    expect(child.kill).toHaveBeenCalledTimes(1);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    child.pid = 123456;
    training.kill();
    expect(kill).toHaveBeenCalledWith(123456, 'SIGKILL');
    kill.mockRestore();
  });
});

describe('quitting', () => {
  const training = (count: number) =>
    vi.spyOn(host!.queue, 'get').mockReturnValue({ slots: 1, active: Array(count).fill('A'), waiting: [] });

  it('closes the host first, then the window, and frees the workspace', async () => {
    const window = (await start())!;
    window.close();
    expect(electron.app.hasQuit).toBe(false);
    await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true));
    expect(window.isClosed).toBe(true);
    expect(electron.dialog.showMessageBox).not.toHaveBeenCalled();
    lockWorkspace(openWorkspace(workspace)).release();
  });

  it('asks while runs train; "Go on training" leaves everything as it was', async () => {
    const window = (await start())!;
    training(2);
    const close = vi.spyOn(host!, 'close');
    electron.dialog.showMessageBox.mockResolvedValue({ response: 1 });
    window.close();
    window.close();
    await settle();
    expect(electron.dialog.showMessageBox).toHaveBeenCalledTimes(1);
    expect([electron.app.hasQuit, window.isClosed, close.mock.calls.length]).toEqual([false, false, 0]);
    electron.dialog.showMessageBox.mockResolvedValue({ response: 0 });
    electron.app.quit();
    await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true));
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('crashes', () => {
  it('of the page load it again once, then ask', async () => {
    const { webContents } = (await start())!;
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(webContents.reload).not.toHaveBeenCalled();
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await settle();
    expect(webContents.reload).toHaveBeenCalledTimes(1);
    expect(electron.dialog.showMessageBox).not.toHaveBeenCalled();
    electron.dialog.showMessageBox.mockResolvedValue({ response: 1 });
    webContents.emit('render-process-gone', {}, { reason: 'oom' });
    await vi.waitFor(() => expect(electron.app.hasQuit).toBe(true));
    expect(webContents.reload).toHaveBeenCalledTimes(1);
  });

  it('of helpers are told to the window', async () => {
    const window = (await start())!;
    electron.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed' });
    expect(window.webContents.sent.at(-1)).toEqual([
      'event',
      'notice',
      { level: 'warning', text: 'GPU stopped: crashed' },
    ]);
  });
});

it('the frame of the window follows the theme setting', async () => {
  const window = (await start())!;
  expect(electron.nativeTheme.themeSource).toBe('system');
  const { webContents } = window;
  const handler = electron.ipcMain.handlers.get('call') as (...args: unknown[]) => Promise<unknown>;
  await handler({ sender: webContents, senderFrame: webContents.mainFrame }, 'settings.change', {
    theme: 'light',
  });
  expect(electron.nativeTheme.themeSource).toBe('light');
});

it('an application from sources says that it does not update itself, and never looks', async () => {
  const { webContents } = (await start())!;
  const handler = electron.ipcMain.handlers.get('call') as (...args: unknown[]) => Promise<Answer<CallName>>;
  const call = (name: string, input: object) =>
    handler({ sender: webContents, senderFrame: webContents.mainFrame }, name, input);
  const unsupported = {
    ok: true,
    value: { state: 'unsupported', reason: expect.stringMatching(/development/) },
  };
  expect(await call('updates.get', {})).toEqual(unsupported);
  await call('settings.change', { checkForUpdates: true });
  expect(await call('updates.get', {})).toEqual(unsupported);
  expect(await call('updates.download', {})).toMatchObject({ error: { code: 'no-update' } });
});
