import { fileURLToPath } from 'node:url';
import { utilityProcess } from 'electron';
import type { StartTrainingProcess } from '../app/training-process.ts';

// The bundle puts all entries into one folder.
const entry = fileURLToPath(new URL('./trainer.js', import.meta.url));

/** Starts a training process of its own for a run: a crash there ends the run and nothing else. */
export const startUtilityProcess: StartTrainingProcess = ({ onMessage, onExit }) => {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Filigree training', stdio: 'inherit' });
  const early: unknown[] = [];
  let isUp = false;
  child.once('spawn', () => {
    isUp = true;
    for (const message of early) child.postMessage(message);
  });
  child.on('message', onMessage);
  child.on('exit', (code) => onExit(`ended with exit code ${code}`));
  return {
    get pid() {
      return child.pid;
    },
    send(message) {
      if (isUp) child.postMessage(message);
      else early.push(message);
    },
    // Electron's own kill asks politely, which training processes take as "checkpoint and end".
    kill() {
      if (child.pid === undefined || process.platform === 'win32') child.kill();
      else process.kill(child.pid, 'SIGKILL');
    },
  };
};
