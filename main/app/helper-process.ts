import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CallError } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import type { JobInput, JobName, JobOutput, ReportProgress } from './jobs/index.ts';

export interface ToHelper {
  name: JobName;
  input: unknown;
}

export type FromHelper =
  | { type: 'progress'; text: string; fraction: number | undefined }
  | { type: 'done'; value: JobOutput<JobName> }
  | { type: 'failed'; error: CallError };

// From source the entry is beside us; a bundle names it after its input.
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './task-process.ts' : './task.js', import.meta.url),
);

/** A child process that does one job after the other, so that the host stays free to answer. */
export class HelperProcess {
  readonly #child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Standard output belongs to results; whatever the child prints goes to stderr.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  #job:
    | { onProgress: ReportProgress; resolve: (value: never) => void; reject: (error: Error) => void }
    | undefined;

  /** @param onExit is told once it is gone, whatever the reason */
  constructor(onExit: () => void) {
    this.#child.on('message', (message) => this.#receive(message as FromHelper));
    let gone = false;
    const end = (how: string) => {
      if (gone) return;
      gone = true;
      this.#settle()?.reject(new UserError('helper-ended', `The helper process ${how}.`));
      onExit();
    };
    this.#child.on('error', (error) => end(`could not be started: ${error.message}`));
    this.#child.on('exit', (code, signal) =>
      end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
    );
  }

  /** @throws UserError of the job, or `helper-ended` if the process dies under it */
  run<N extends JobName>(name: N, input: JobInput<N>, onProgress: ReportProgress): Promise<JobOutput<N>> {
    return new Promise((resolve, reject) => {
      this.#job = { onProgress, resolve, reject };
      this.#child.send({ name, input } satisfies ToHelper, (error) => {
        if (error) this.#settle()?.reject(error);
      });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Whether the process alone keeps its host alive; an idle one does not. */
  hold(holds: boolean): void {
    if (holds) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  #receive(message: FromHelper): void {
    if (message.type === 'progress') this.#job?.onProgress(message);
    else if (message.type === 'done') this.#settle()?.resolve(message.value as never);
    else {
      const { code, message: text, field } = message.error;
      const error = code === 'internal' ? new Error(text) : new UserError(code, text, field);
      this.#settle()?.reject(error);
    }
  }

  #settle() {
    const job = this.#job;
    this.#job = undefined;
    return job;
  }
}
