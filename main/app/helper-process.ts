import { UserError } from '../../shared/errors.ts';
import type { FromHelper } from './helper-messages.ts';
import type { JobInput, JobName, JobOutput, ReportProgress } from './jobs/index.ts';
import type { StartWorker, WorkerProcess } from './worker-process.ts';

type Environment = Readonly<Record<string, string>>;

/** A process that does one job after the other, so that the host stays free to answer. */
export class HelperProcess {
  readonly #process: WorkerProcess<'helper'>;
  readonly #environment: string;
  #job:
    | { onProgress: ReportProgress; resolve: (value: never) => void; reject: (error: Error) => void }
    | undefined;

  /** @param onExit is told once it is gone, whatever the reason */
  constructor(start: StartWorker, environment: Environment, onExit: () => void) {
    this.#environment = JSON.stringify(environment);
    this.#process = start(
      'helper',
      {
        onMessage: (message) => this.#receive(message),
        onExit: (how) => {
          this.#settle()?.reject(new UserError('helper-ended', `The helper process ${how}.`));
          onExit();
        },
      },
      { environment },
    );
  }

  startedWith(environment: Environment): boolean {
    return this.#environment === JSON.stringify(environment);
  }

  /** @throws UserError of the job, or `helper-ended` if the process dies under it */
  run<N extends JobName>(name: N, input: JobInput<N>, onProgress: ReportProgress): Promise<JobOutput<N>> {
    return new Promise((resolve, reject) => {
      this.#job = { onProgress, resolve, reject };
      this.#process.send({ name, input });
    });
  }

  kill(): void {
    this.#process.kill();
  }

  /** Whether the process alone keeps its host alive; an idle one does not. */
  hold(holds: boolean): void {
    this.#process.hold(holds);
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
