import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Events } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import { createHost } from '../app/host.ts';
import { version } from '../app/provenance.ts';
import { windowFolder } from '../app/window-files.ts';
import { lockWorkspace } from '../app/workspace-lock.ts';
import { openWorkspace } from '../app/workspace.ts';
import { isLoopback } from '../web/access.ts';
import { Downloads } from '../web/downloads.ts';
import { serveWorkbench } from '../web/server.ts';
import { LiveLine } from './live-line.ts';
import { hasDisplay, openLink } from './open-link.ts';
import { note, print } from './output.ts';

export interface ServeOptions {
  host: string;
  port: number;
  workspace?: string;
  open: boolean;
  allowHost: string[];
}

/** `filigree serve`: the workbench in a browser, until Ctrl-C. */
export async function serve(options: ServeOptions): Promise<void> {
  if (!existsSync(join(windowFolder, 'index.html'))) {
    throw new UserError('not-built', 'the window is not built yet: npm run build');
  }
  const workspace = openWorkspace(options.workspace);
  const lock = lockWorkspace(workspace);
  const line = new LiveLine();
  const downloads = new Downloads();
  const onDefect = (error: unknown) => line.say(`filigree: ${(error as Error)?.stack ?? String(error)}`);
  const host = createHost({
    workspace,
    shell: { kind: 'browser', offerDownload: (path) => downloads.offer(path) },
    onWarning: (text) => line.say(text),
    onDefect,
  });
  host.events.connect((event, payload) => {
    if (event === 'runs.changed') line.update((payload as Events['runs.changed']).rows);
  });
  try {
    const server = await serveWorkbench({
      host,
      downloads,
      address: options.host,
      port: options.port,
      allowedNames: options.allowHost,
      onDefect,
    });
    lock.announce(`a browser window at ${server.origin}`);
    const link = `${server.origin}/#token=${server.token}`;
    print(`Filigree ${version} is at ${link}`);
    note(`workspace ${workspace.root} · Ctrl-C ends it`);
    explainNetwork(options.host, server.port);
    if (options.open && hasDisplay()) openLink(link);
    await interrupted(line);
    const training = host.queue.get().active.length;
    if (training > 0) {
      const runs = training === 1 ? 'the run writes' : `${training} runs write`;
      line.say(`stopping: ${runs} a checkpoint (Ctrl-C again to end at once) ...`);
    }
    await server.close();
  } finally {
    await host.close();
    lock.release();
    line.clear();
  }
  note('stopped');
}

/** How the link is reached from another computer, and what is wrong with a network address. */
function explainNetwork(address: string, port: number): void {
  const tunnel = `ssh -N -L ${port}:127.0.0.1:${port} ${userInfo().username}@${hostname()}`;
  if (!isLoopback(address)) {
    note(
      'warning: this is plain HTTP: whoever can read the traffic of this network can read the link and use the workbench.\n' +
        `Safer: start it without --host and with --port ${port}, and on your own computer run: ${tunnel}`,
    );
  } else if (process.env.SSH_CONNECTION) note(`on your own computer first run: ${tunnel}`);
}

/** Resolves at the first Ctrl-C or SIGTERM; the second one ends the process (training processes checkpoint by themselves). */
function interrupted(line: LiveLine): Promise<void> {
  return new Promise((resolve) => {
    let before = false;
    const interrupt = () => {
      if (!before) {
        before = true;
        return resolve();
      }
      line.clear();
      process.exit(130);
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  });
}
