import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureWindow } from '../../scripts/build-window.mjs';
import { filigreeCommand } from '../../scripts/setup.mjs';
import { noEngines } from './no-engines.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Workbench {
  /** The link that the terminal shows, with the token. */
  url: string;
  origin: string;
  token: string;
  workspace: string;
  process: ChildProcess;
  /** What it has written to stderr so far. */
  log(): string;
  /** Ends it as Ctrl-C does and waits; a workspace of its own is removed. Can be called twice. */
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  /** Default: a new empty folder, removed by `close`. */
  workspace?: string;
  /** Further arguments of `filigree serve`. */
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** Arguments for Node that run the `filigree` command; default: from source. */
  command?: readonly string[];
}

/** Starts the real `filigree serve` on a random port, after building the window if it changed. */
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  await ensureWindow();
  const workspace = options.workspace ?? (await mkdtemp(join(tmpdir(), 'filigree-workbench-')));
  const command = options.command ?? filigreeCommand();
  const args = [...command, 'serve', '--no-open', '--workspace', workspace, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...noEngines, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await Promise.race([
    readLink(child),
    ended.then(() => Promise.reject(new Error(`filigree serve ended with ${child.exitCode}:\n${log}`))),
  ]);
  const [, origin, token] = /^(.*)\/#token=(.*)$/.exec(url)!;
  return {
    url,
    origin,
    token,
    workspace,
    process: child,
    log: () => log,
    async close() {
      // A second one would end it at once.
      if (!child.killed && child.exitCode === null) child.kill('SIGINT');
      await ended;
      if (!options.workspace) await rm(workspace, { recursive: true, force: true });
    },
  };
}

async function readLink(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const link = /https?:\S+#token=\S+/.exec(line);
    if (link) {
      child.stdout!.resume();
      return link[0];
    }
  }
  return new Promise(() => {});
}
