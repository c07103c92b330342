import { UserError, show } from '../../shared/errors.ts';
import type { Task } from '../../shared/task.ts';
import type { EventBus } from './events.ts';
import { HelperProcess } from './helper-process.ts';
import type { JobInput, JobName, JobOutput, ReportProgress } from './jobs/index.ts';
import { startChildProcess, type StartWorker } from './worker-process.ts';

interface Running<T> {
  id: string;
  done: Promise<T>;
}

interface RunningTask {
  controller: AbortController;
  /** As windows know it; undefined while they need not. */
  told: Task | undefined;
}

export interface JobOptions {
  onProgress?: ReportProgress;
  /** Cancels the job by ending its process. */
  signal?: AbortSignal;
  /** Longest time it may take, milliseconds. */
  timeoutMs?: number;
  /** Variables that its process must have been started with: those of the engine that it computes on. */
  environment?: Readonly<Record<string, string>>;
}

/** Jobs at the same time; more wait. Each has a process and the memory of a data set or a network. */
const mostProcesses = 4;
/** An idle helper keeps what it loaded last for this long, milliseconds. */
const idleMs = 60_000;

/** Does work in helper processes, so that the host answers at once whatever is loaded, measured or written. */
export class TaskRunner {
  readonly #events: EventBus;
  readonly #startWorker: StartWorker;
  readonly #busy = new Set<HelperProcess>();
  /** Most recently used last; it is the one that is used next, for what it still holds in memory. */
  readonly #idle: { helper: HelperProcess; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #known = new Map<string, Promise<unknown>>();
  readonly #running = new Map<string, RunningTask>();
  #lastId = 0;
  #closed = false;

  constructor(events: EventBus, startWorker: StartWorker = startChildProcess) {
    this.#events = events;
    this.#startWorker = startWorker;
  }

  /**
   * Does a job and waits for its result.
   * @throws UserError of the job; `cancelled`; `timeout`; `helper-ended` if its process dies
   */
  async run<N extends JobName>(name: N, input: JobInput<N>, options: JobOptions = {}): Promise<JobOutput<N>> {
    const { signal, timeoutMs, onProgress = () => {}, environment = {} } = options;
    const helper = await this.#takeHelper(signal, environment);
    let ended: UserError | undefined;
    const end = (error: UserError) => {
      ended = error;
      helper.kill();
    };
    const onAbort = () => end(cancelled());
    signal?.addEventListener('abort', onAbort);
    const timer =
      timeoutMs &&
      setTimeout(
        () => end(new UserError('timeout', `It took longer than ${timeoutMs / 1000} s.`)),
        timeoutMs,
      );
    try {
      return await helper.run(name, input, onProgress);
    } catch (error) {
      throw ended ?? (this.#closed ? cancelled() : error);
    } finally {
      clearTimeout(timer || undefined);
      signal?.removeEventListener('abort', onAbort);
      this.#release(helper);
    }
  }

  /** As `run`, but the same input is worked on once until it is forgotten; failures are not remembered. */
  known<N extends JobName>(name: N, input: JobInput<N>, options: JobOptions = {}): Promise<JobOutput<N>> {
    const key = keyOf(name, input);
    const found = this.#known.get(key) as Promise<JobOutput<N>> | undefined;
    if (found) return found;
    const result = this.run(name, input, options);
    this.#known.set(key, result);
    result.catch(() => this.#known.get(key) === result && this.#known.delete(key));
    return result;
  }

  /** The next `known` asks again: what the answer was about has changed. */
  forget<N extends JobName>(name: N, input: JobInput<N>): void {
    this.#known.delete(keyOf(name, input));
  }

  /**
   * Work that windows see as a task with progress and can cancel by its id.
   * @param quietMs windows hear of it only if it takes longer than this, milliseconds
   */
  track<T>(
    task: Pick<Task, 'kind' | 'title'>,
    work: (options: JobOptions) => Promise<T>,
    quietMs = 0,
  ): Running<T> {
    const id = `task-${++this.#lastId}`;
    const controller = new AbortController();
    const running: RunningTask = { controller, told: undefined };
    this.#running.set(id, running);
    let now: Task = { id, ...task, state: 'running', message: '', fraction: undefined };
    let quiet = true;
    const tell = (change: Partial<Task> = {}) => {
      now = { ...now, ...change };
      if (quiet) return;
      running.told = now;
      this.#events.emit('task.changed', now);
    };
    const speakUp = () => {
      quiet = false;
      tell();
    };
    const timer = quietMs > 0 ? setTimeout(speakUp, quietMs) : undefined;
    if (!timer) speakUp();
    const done = work({
      signal: controller.signal,
      onProgress: ({ text, fraction }) => tell({ message: text, fraction }),
    }).finally(() => {
      clearTimeout(timer);
      this.#running.delete(id);
    });
    done.then(
      () => tell({ state: 'done', message: '', fraction: 1 }),
      (error: Error & { code?: string }) =>
        error.code === 'cancelled'
          ? tell({ state: 'cancelled', message: '' })
          : tell({ state: 'failed', message: error.message }),
    );
    return { id, done };
  }

  /** The tasks that run, as windows were told of them last. */
  list(): Task[] {
    return [...this.#running.values()].flatMap(({ told }) => told ?? []);
  }

  /** @throws UserError `unknown-task` if there is none, or it has ended */
  cancel(id: string): void {
    const running = this.#running.get(id);
    if (!running) throw new UserError('unknown-task', `${show(id)} is not a task that is running`, 'id');
    running.controller.abort();
  }

  /** Ends every helper; what they were doing fails as cancelled. */
  close(): void {
    this.#closed = true;
    for (const { controller } of this.#running.values()) controller.abort();
    for (const { helper, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      helper.kill();
    }
    for (const helper of this.#busy) helper.kill();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #takeHelper(
    signal: AbortSignal | undefined,
    environment: Readonly<Record<string, string>>,
  ): Promise<HelperProcess> {
    while (!this.#closed && !signal?.aborted && this.#busy.size >= mostProcesses) await this.#turn(signal);
    if (this.#closed || signal?.aborted) throw cancelled();
    const at = this.#idle.findLastIndex(({ helper }) => helper.startedWith(environment));
    const [idle] = at < 0 ? [] : this.#idle.splice(at, 1);
    clearTimeout(idle?.timer);
    const helper = idle?.helper ?? this.#startHelper(environment);
    helper.hold(true);
    this.#busy.add(helper);
    return helper;
  }

  /** Waits until a helper may be free; whoever gives up leaves the line, or a wake-up would be lost on it. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((wake) => {
      this.#waiting.push(wake);
      const leave = () => {
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        wake();
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #startHelper(environment: Readonly<Record<string, string>>): HelperProcess {
    const helper = new HelperProcess(this.#startWorker, environment, () => {
      this.#busy.delete(helper);
      const at = this.#idle.findIndex((idle) => idle.helper === helper);
      if (at >= 0) clearTimeout(this.#idle.splice(at, 1)[0].timer);
    });
    return helper;
  }

  /** A helper that died is no longer busy and is not kept. */
  #release(helper: HelperProcess): void {
    if (this.#busy.delete(helper)) {
      helper.hold(false);
      const timer = setTimeout(() => helper.kill(), idleMs);
      timer.unref();
      this.#idle.push({ helper, timer });
    }
    this.#waiting.shift()?.();
  }
}

const cancelled = () => new UserError('cancelled', 'It was cancelled.');

const keyOf = (name: JobName, input: unknown) => `${name} ${JSON.stringify(input)}`;
