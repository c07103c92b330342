import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as HostModule from '../../../../main/app/host.ts';
import { makeElectron, preventable, type ElectronStandIn } from '../../../support/electron.ts';

// Files and links that the desktop shell is opened with, against a stand-in for Electron.
let electron: ElectronStandIn;
let workspace: string;
let archive: string;
let host: HostModule.Host | undefined;
const imports: unknown[] = [];
let imported: unknown;
const id = '01M7ZK7648WW96PB4VJPX2D9XF';
const argv = process.argv;

async function start(...args: string[]) {
  process.argv = ['electron', '/app', ...args];
  vi.resetModules();
  vi.doMock('electron', () => electron);
  const original = await vi.importActual<typeof HostModule>('../../../../main/app/host.ts');
  vi.doMock('../../../../main/app/host.ts', () => ({
    createHost(options: never) {
      host = original.createHost(options);
      const { dispatcher } = host;
      const dispatch: typeof dispatcher.dispatch = async (name, input, connection) => {
        if (name !== 'archives.import') return dispatcher.dispatch(name, input, connection);
        imports.push(input);
        return imported as never;
      };
      return { ...host, dispatcher: { ...dispatcher, dispatch } };
    },
  }));
  const { startDesktop } = await import('../../../../main/desktop/application.ts');
  await startDesktop();
  return electron.BrowserWindow.all[0];
}

type Window = NonNullable<Awaited<ReturnType<typeof start>>>;
const loaded = (window: Window) => void window.webContents.emit('did-finish-load');
const places = (window: Window) =>
  window.webContents.sent.filter(([, name]) => name === 'navigate').map(([, , payload]) => payload);

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'filigree-opening-'));
  archive = join(workspace, 'shared.filigree');
  writeFileSync(archive, '');
  electron = makeElectron();
  electron.app.switches.workspace = workspace;
  imports.length = 0;
  imported = { ok: true, value: { id, name: 'shared', outcome: 'imported' } };
});
afterEach(async () => {
  process.argv = argv;
  await host?.close();
  rmSync(workspace, { recursive: true, force: true });
});

describe('an archive', () => {
  it('on the command line is imported when the window has loaded, and its run is shown', async () => {
    const window = (await start(archive))!;
    expect(imports).toEqual([]);
    loaded(window);
    await vi.waitFor(() => expect(places(window)).toEqual([{ path: `/runs/${id}` }]));
    expect(imports).toEqual([{ path: archive }]);
    expect(electron.dialog.showMessageBox).not.toHaveBeenCalled();
  });

  it('given to a second start is imported by the first', async () => {
    const window = (await start())!;
    loaded(window);
    electron.app.emit('second-instance', {}, ['electron', '/app', 'shared.filigree'], workspace);
    expect(window.focus).toHaveBeenCalled();
    await vi.waitFor(() => expect(imports).toEqual([{ path: archive }]));
  });

  it('that a Mac opens is imported, also into a window that has to be opened for it', async () => {
    const window = (await start())!;
    loaded(window);
    electron.BrowserWindow.all.splice(0);
    window.emit('closed');
    const event = preventable();
    electron.app.emit('open-file', event, archive);
    expect(event.defaultPrevented).toBe(true);
    const [second] = electron.BrowserWindow.all;
    expect(imports).toEqual([]);
    loaded(second);
    await vi.waitFor(() => expect(places(second)).toEqual([{ path: `/runs/${id}` }]));
  });

  it('that is refused is named with the reason', async () => {
    imported = { ok: false, error: { code: 'bad-archive', message: 'masks.bin: wrong hash' } };
    const window = (await start(archive))!;
    loaded(window);
    await vi.waitFor(() =>
      expect(electron.dialog.showErrorBox.mock.calls).toEqual([
        ['shared.filigree was not imported', 'masks.bin: wrong hash'],
      ]),
    );
    expect(places(window)).toEqual([]);
  });
});

describe('a link', () => {
  const link = () => `filigree://import?file=${encodeURIComponent(archive)}`;

  it('to a run shows it', async () => {
    const window = (await start(`filigree://run/${id}`))!;
    loaded(window);
    expect(places(window)).toEqual([{ path: `/runs/${id}` }]);
    const event = preventable();
    electron.app.emit('open-url', event, `filigree://run/${id}`);
    expect([event.defaultPrevented, places(window).length]).toEqual([true, 2]);
  });

  it('to an archive imports it only after a yes, for any page may have made it', async () => {
    const window = (await start())!;
    loaded(window);
    electron.dialog.showMessageBox.mockResolvedValue({ response: 1 });
    electron.app.emit('open-url', preventable(), link());
    await vi.waitFor(() => expect(electron.dialog.showMessageBox).toHaveBeenCalledTimes(1));
    const [, asked] = electron.dialog.showMessageBox.mock.calls[0] as unknown as [
      unknown,
      { message: string },
    ];
    expect(asked).toMatchObject({ message: 'Import shared.filigree?', defaultId: 1, cancelId: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(imports).toEqual([]);
    electron.dialog.showMessageBox.mockResolvedValue({ response: 0 });
    electron.app.emit('open-url', preventable(), link());
    await vi.waitFor(() => expect(imports).toEqual([{ path: archive }]));
  });

  it('that is hostile only brings the window to the front', async () => {
    const window = (await start())!;
    loaded(window);
    const sent = window.webContents.sent.length;
    for (const hostile of [
      'filigree://run/../../settings',
      'filigree://import?file=/etc/passwd',
      'javascript:1',
    ]) {
      electron.app.emit('open-url', preventable(), hostile);
      electron.app.emit('second-instance', {}, ['electron', '/app', hostile], workspace);
    }
    expect(window.webContents.sent.length).toBe(sent);
    expect(imports).toEqual([]);
    expect(electron.dialog.showMessageBox).not.toHaveBeenCalled();
  });

  it('is for the installed application: from sources nothing is registered with the system', async () => {
    await start();
    expect(electron.app.setAsDefaultProtocolClient).not.toHaveBeenCalled();
    await host!.close();
    electron = makeElectron();
    electron.app.isPackaged = true;
    electron.app.switches.workspace = workspace;
    await start();
    expect(electron.app.setAsDefaultProtocolClient.mock.calls).toEqual([['filigree']]);
  });
});
