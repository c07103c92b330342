import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromTrainer, ToTrainer } from '../training/messages.ts';

/** A training process as its host sees it. The desktop shell can offer another way to start one (utilityProcess). */
export interface TrainingProcess {
  send(message: ToTrainer): void;
  kill(): void;
  readonly pid: number | undefined;
}

export interface TrainingProcessEvents {
  onMessage(message: FromTrainer): void;
  /** After the last message; `how` says in words how it ended. */
  onExit(how: string): void;
}

export type StartTrainingProcess = (events: TrainingProcessEvents) => TrainingProcess;

// From source the entry is beside us in the tree; a bundle puts both files into one folder.
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../training/process.ts' : './trainer.js', import.meta.url),
);

/** Starts a Node child process; messages are structured clones, so typed arrays travel as they are. */
export const startChildProcess: StartTrainingProcess = ({ onMessage, onExit }) => {
  const child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Standard output belongs to results; whatever the child prints goes to stderr.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  child.on('message', (message) => onMessage(message as FromTrainer));
  child.on('error', (error) => onExit(`could not be started: ${error.message}`));
  child.on('exit', (code, signal) =>
    onExit(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
  );
  return {
    pid: child.pid,
    send: (message) => child.connected && child.send(message),
    kill: () => child.kill('SIGKILL'),
  };
};
