import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FromTrainer, ToTrainer } from '../training/messages.ts';
import type { FromHelper, ToHelper } from './helper-messages.ts';

/** The processes that compute, and what they are told and tell. */
interface Workers {
  training: { told: ToTrainer; tells: FromTrainer };
  helper: { told: ToHelper; tells: FromHelper };
}

export type WorkerKind = keyof Workers;

/** A process that computes, as its host sees it. */
export interface WorkerProcess<K extends WorkerKind> {
  readonly pid: number | undefined;
  /** Nothing happens once it is gone; `onExit` tells that. */
  send(message: Workers[K]['told']): void;
  /** Ends it at once. */
  kill(): void;
  /** Whether it alone keeps its host alive. */
  hold(holds: boolean): void;
}

export interface WorkerEvents<K extends WorkerKind> {
  onMessage(message: Workers[K]['tells']): void;
  /** Once, after the last message; `how` says in words how it ended. */
  onExit(how: string): void;
}

export interface StartOptions {
  /** Variables beside those of the host, which an engine's libraries read as they are loaded. */
  environment?: Readonly<Record<string, string>>;
  /** Gives way to a window that another program shows, a browser. */
  belowWindow?: boolean;
}

/** How a shell starts them: Node child processes, or Electron's utility processes. */
export type StartWorker = <K extends WorkerKind>(
  kind: K,
  events: WorkerEvents<K>,
  options?: StartOptions,
) => WorkerProcess<K>;

const sources: Record<WorkerKind, string> = {
  training: '../training/process.ts',
  helper: './task-process.ts',
};

/** A bundle puts all entries into one folder, under these names. */
export const bundledWorkers: Record<WorkerKind, string> = { training: './trainer.js', helper: './task.js' };

/** Starts a Node child process; messages are structured clones, so typed arrays travel as they are. */
export const startChildProcess: StartWorker = (kind, { onMessage, onExit }, options = {}) => {
  const entry = import.meta.url.endsWith('.ts') ? sources[kind] : bundledWorkers[kind];
  const child = fork(fileURLToPath(new URL(entry, import.meta.url)), [], {
    serialization: 'advanced',
    env: { ...process.env, ...options.environment },
    detached: options.belowWindow && process.platform === 'linux',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Standard output belongs to results; whatever the child prints goes to stderr.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  if (options.belowWindow) lowerSession(child.pid);
  let gone = false;
  const end = (how: string) => {
    if (gone) return;
    gone = true;
    onExit(how);
  };
  child.on('message', onMessage as (message: unknown) => void);
  child.on('error', (error) => end(`could not be started: ${error.message}`));
  child.on('exit', (code, signal) =>
    end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
  );
  return {
    pid: child.pid,
    send: (message) => void (child.connected && child.send(message)),
    kill: () => void child.kill('SIGKILL'),
    hold(holds) {
      if (holds) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
  };
};

/**
 * Linux shares the processors between sessions first (autogroups): a priority counts only against others of the same
 * session, and a browser has one of its own. So the process gets a session too, and that one a low priority.
 */
function lowerSession(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(constants.priority.PRIORITY_BELOW_NORMAL));
  } catch {
    // Another system, or a kernel without sessions that share: there the priority of the process is enough.
  }
}
