// Starts the main process of a packaged application under plain Node, with a stand-in for the `electron` module that
// does as little as it can. Arguments: the application's folder and a workspace. Prints what came of it as JSON.
import { registerHooks } from 'node:module';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, workspace] = process.argv;
const nothing = () => {};
const ipc = new Map();
const shown = new EventEmitter();
let serve;

const app = Object.assign(new EventEmitter(), {
  isPackaged: true,
  enableSandbox: nothing,
  requestSingleInstanceLock: () => true,
  setAsDefaultProtocolClient: nothing,
  whenReady: async () => {},
  quit: nothing,
  exit: (code) => process.exit(code),
  commandLine: { getSwitchValue: () => workspace },
  getVersion: () => '0.0.1',
  getName: () => 'Filigree',
  getAppPath: () => folder,
  getPath: () => workspace,
});
class BrowserWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), {
    mainFrame: { url: 'app://filigree/' },
    isDestroyed: () => false,
    send: nothing,
  });
  async loadURL(url) {
    await null;
    shown.emit('window', this, url);
  }
}
const defaultSession = {
  protocol: { handle: (_scheme, handler) => (serve = handler) },
  webRequest: { onBeforeRequest: nothing },
  setPermissionRequestHandler: nothing,
  setPermissionCheckHandler: nothing,
  setDevicePermissionHandler: nothing,
};
globalThis.electron = {
  app,
  BrowserWindow,
  autoUpdater: new EventEmitter(),
  contextBridge: {},
  crashReporter: { start: nothing },
  dialog: { showErrorBox: (title, text) => console.error(title, text) },
  ipcMain: { handle: (channel, handler) => ipc.set(channel, handler), removeHandler: nothing },
  Menu: { buildFromTemplate: nothing, setApplicationMenu: nothing },
  MessageChannelMain: class {},
  nativeTheme: {},
  net: {
    request() {
      throw new Error('the stand-in has no network');
    },
  },
  powerSaveBlocker: {},
  protocol: { registerSchemesAsPrivileged: nothing },
  session: { defaultSession, fromPartition: () => ({}) },
  shell: {},
  utilityProcess: { fork: () => Object.assign(new EventEmitter(), { postMessage: nothing, kill: nothing }) },
};

const names = Object.keys(globalThis.electron);
const source = `export const { ${names.join(', ')} } = globalThis.electron; export default globalThis.electron;`;
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: 'stand-in:electron', shortCircuit: true } : next(name, context),
  load(url, context, next) {
    if (url !== 'stand-in:electron') return next(url, context);
    return context.conditions?.includes('require')
      ? { format: 'commonjs', source: 'module.exports = globalThis.electron', shortCircuit: true }
      : { format: 'module', source, shortCircuit: true };
  },
});

const opened = once(shown, 'window');
await import(pathToFileURL(join(folder, 'out/main/desktop.js')));
const [{ webContents }, url] = await opened;
const call = (name, input) =>
  ipc.get('call')({ sender: webContents, senderFrame: webContents.mainFrame }, name, input);
const page = await serve({ url, method: 'GET' });
const result = {
  page: await page.text(),
  policy: page.headers.get('content-security-policy'),
  version: (await call('workbench.describe', {})).value?.version,
  update: (await call('updates.check', {})).value,
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));
