// A Chromium for the browser tests: one that is here, else Playwright's download, else the system's package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, say } from './setup.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** @returns the path of an installed Chromium, Chrome or Edge; undefined if there is none */
export function findBrowser() {
  if (process.env.FILIGREE_BROWSER) return process.env.FILIGREE_BROWSER;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  return [...onPath, ...places].find((path) => existsSync(path)) ?? playwrightBrowser();
}

/** The one that `playwright install` keeps in its own folder. */
function playwrightBrowser() {
  const script = "import('playwright-core').then((p) => process.stdout.write(p.chromium.executablePath()))";
  const asked = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  return asked.stdout && existsSync(asked.stdout) ? asked.stdout : undefined;
}

/** Finds a browser or installs one. @returns its path, or undefined after saying why there is none */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  say('installing a browser for the tests (once) ...');
  const quiet = { cwd: root, stdio: 'ignore', timeout: 300_000 };
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('apt-get', ['--version'], quiet).status === 0) {
    const install = () =>
      spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quiet);
    if (install().status !== 0) {
      spawnSync('apt-get', ['update'], quiet);
      install();
    }
  } else {
    const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
    spawnSync(process.execPath, [cli, 'install', 'chromium'], quiet);
  }
  const installed = findBrowser();
  if (!installed)
    say('no browser could be installed: set FILIGREE_BROWSER to one, or install Chromium or Chrome');
  return installed;
}
