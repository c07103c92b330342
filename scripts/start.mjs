// `npm start`: the workbench in a desktop window where Electron and a display are there, else in a browser.
import { ensureElectron, whyNoWindow } from './electron-binary.mjs';
import { fail, filigreeCommand, nodeBinary, root, run, say } from './setup.mjs';

const shells = ['electron', 'browser'];
/** An Electron that ends with an error this early never had a window: its sandbox or a library is missing. */
const startMs = 10_000;

/**
 * @param args of the command line: `--shell=electron|browser` forces one, `--workspace` is for both, any other is the
 *   browser shell's
 * @returns {Promise<number>} the exit code
 */
export async function start(args) {
  const { shell, rest } = readShell(args);
  const browserOnly = rest.find((arg, i) => !isWorkspace(arg) && !isWorkspace(rest[i - 1]));
  if (shell === 'browser' || (!shell && browserOnly)) return serveInBrowser(rest);
  if (browserOnly) fail(`--shell=electron and ${browserOnly} do not go together: the window is not served`);
  const noWindow = whyNoWindow();
  const electron = noWindow ? { reason: noWindow } : await ensureElectron({ retry: shell === 'electron' });
  if (!electron.path && shell) fail(`no desktop window: ${electron.reason}`);
  if (!electron.path) return serveInBrowser(rest, electron.reason);
  const started = Date.now();
  const code = await run(electron.path, [root, ...rest]);
  if (shell || code === 0 || code === 130 || Date.now() - started > startMs) return code;
  return serveInBrowser(rest, 'Electron could not start, see its messages above');
}

function serveInBrowser(args, reason) {
  if (reason) say(`serving in the browser instead of a desktop window: ${reason}.`);
  return run(nodeBinary(), filigreeCommand('serve', ...args));
}

const isWorkspace = (arg) => arg === '-w' || /^--workspace(=|$)/.test(arg ?? '');

function readShell(args) {
  const given = args.find((arg) => arg.startsWith('--shell'));
  const shell = given?.slice('--shell='.length);
  if (given && !shells.includes(shell)) fail(`${given}: --shell=${shells.join(' or --shell=')}`);
  return { shell, rest: args.filter((arg) => arg !== given) };
}
