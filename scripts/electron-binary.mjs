// Finds Electron's binary by looking at files. `require('electron')` would download it synchronously, without a
// limit of time, so it is never asked.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './setup.mjs';

const folder = join(root, 'node_modules', 'electron');
const memoryFile = join(root, 'node_modules', '.filigree-electron');
const retryMs = 24 * 3600_000;
const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

const readText = (path) => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

const wantedVersion = () => JSON.parse(readText(join(folder, 'package.json')) ?? '{}').version;

/** @returns the path of an installed binary of the locked version; undefined if there is none */
export function findElectron(env = process.env) {
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  const path = join(dist, executables[process.platform] ?? 'electron');
  if (!existsSync(path)) return undefined;
  const isWanted = readText(join(dist, 'version'))?.replace(/^v/, '') === wantedVersion();
  return env.ELECTRON_OVERRIDE_DIST_PATH || isWanted ? path : undefined;
}

/** @returns why a desktop window cannot be opened on this machine, in words; undefined if it can */
export function whyNoWindow({ env, platform, getuid } = process) {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display here';
  if (platform === 'darwin' && env.SSH_CONNECTION) return 'there is no display in an SSH session';
  if (platform === 'linux' && getuid?.() === 0) return "Electron's sandbox does not work for root";
  return undefined;
}

/**
 * Electron's binary, downloaded if it is not here and its mirror answers within 4 s. A failure is remembered for a
 * day, so that the next start does not wait again.
 * @returns {Promise<{ path: string } | { reason: string }>}
 */
export async function ensureElectron({
  retry = false,
  mirror = mirrorOf(process.env),
  memory = memoryFile,
} = {}) {
  const path = findElectron();
  if (path) return { path };
  const version = wantedVersion();
  const failed = JSON.parse(readText(memory) ?? '{}');
  if (!retry && failed.version === version && Date.now() - failed.atMs < retryMs)
    return { reason: failed.reason };
  const reason = (await isReachable(mirror))
    ? download(version)
    : 'the Electron binary is not installed and its download site cannot be reached';
  const installed = reason ? undefined : findElectron();
  if (installed) return { path: installed };
  const why = reason ?? 'the Electron binary is still missing after its download';
  writeFileSync(memory, JSON.stringify({ version, atMs: Date.now(), reason: why }));
  return { reason: why };
}

const mirrorOf = (env) =>
  env.npm_config_electron_mirror ??
  env.ELECTRON_MIRROR ??
  'https://github.com/electron/electron/releases/download/';

async function isReachable(url) {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(4000) });
    return true;
  } catch {
    return false;
  }
}

/** @returns why it failed */
function download(version) {
  say(
    `downloading Electron ${version} (about 110 MB, once; npm start -- --shell=browser starts without it) ...`,
  );
  const { status } = spawnSync(process.execPath, [join(folder, 'install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 15 * 60_000,
  });
  return status === 0 ? undefined : 'the Electron binary could not be downloaded';
}
