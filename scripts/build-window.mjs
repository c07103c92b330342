// Builds the window and the desktop shell into out/ when their sources changed; a second call is instant.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fail, nodeBinary, root, say } from './setup.mjs';

const sources = ['renderer', 'shared', 'main', 'electron.vite.config.ts', 'package-lock.json'];
const stamp = join(root, 'out', 'built-from');
const building = join(root, 'out', 'building');
const parts = ['main', 'preload', 'renderer'];
/** A build takes seconds; a lock this old was left by one that was cut off. */
const abandonedMs = 120_000;

let ready;

/** Makes sure, once per process, that out/ is what the sources say. Two at once: the second waits for the first. */
export const ensureWindow = () => (ready ??= makeWindow());

async function makeWindow() {
  if (isBuilt()) return;
  mkdirSync(join(root, 'out'), { recursive: true });
  while (!lock()) await wait(100);
  const problem = isBuilt() ? undefined : build();
  rmdirSync(building);
  if (problem) fail(`the window could not be built:\n${problem}`);
}

/** @returns what the builder wrote if it failed */
function build() {
  const started = Date.now();
  const hash = hashSources();
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const staging = 'out/staging';
  const env = { ...process.env, FILIGREE_OUT: staging };
  const built = spawnSync(nodeBinary(), [tool, 'build'], { cwd: root, env, encoding: 'utf8' });
  if (built.status !== 0) return built.stdout + built.stderr;
  // Swapped at the end, so that what runs from the old build is without its files for no more than a moment.
  for (const part of parts) {
    rmSync(join(root, 'out', part), { recursive: true, force: true });
    renameSync(join(root, staging, part), join(root, 'out', part));
  }
  rmSync(join(root, staging), { recursive: true });
  writeFileSync(stamp, hash);
  say(`window built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function isBuilt() {
  return (
    existsSync(join(root, 'out', 'renderer', 'index.html')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === hashSources()
  );
}

function hashSources() {
  const hash = createHash('sha256');
  for (const path of sources.flatMap((name) => listFiles(join(root, name)))) {
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function listFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)));
}

function lock() {
  try {
    mkdirSync(building);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    if (Date.now() - statSync(building).mtimeMs > abandonedMs) rmdirSync(building);
  } catch (error) {
    // The other one has just finished.
    if (error.code !== 'ENOENT') throw error;
  }
  return false;
}
