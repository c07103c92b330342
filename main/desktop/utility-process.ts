import { fileURLToPath } from 'node:url';
import { utilityProcess } from 'electron';
import { bundledWorkers, type StartWorker, type WorkerKind } from '../app/worker-process.ts';
import { isGpuRequest } from '../backends/webgpu/gpu-request.ts';
import { openGpuWindow } from './gpu-window.ts';

const names: Record<WorkerKind, string> = { training: 'Filigree training', helper: 'Filigree helper' };

/** Starts a utility process: a crash there ends one run or one job and nothing else. */
export const startUtilityProcess: StartWorker = (kind, { onMessage, onExit }, options) => {
  const entry = fileURLToPath(new URL(bundledWorkers[kind], import.meta.url));
  const child = utilityProcess.fork(entry, [], {
    serviceName: names[kind],
    stdio: 'inherit',
    env: { ...process.env, ...options?.environment },
  });
  const early: unknown[] = [];
  let isUp = false;
  child.once('spawn', () => {
    isUp = true;
    for (const message of early) child.postMessage(message);
  });
  child.on('message', (message) => (isGpuRequest(message) ? openGpuWindow(child) : onMessage(message)));
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
    // The application lives as long as its window, whatever its processes do.
    hold() {},
  };
};
