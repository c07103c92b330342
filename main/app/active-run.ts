import type { Frame } from '../../shared/frames.ts';
import type { RunState } from '../../shared/run-state.ts';
import type { RunStore } from '../store/run-store.ts';
import type { FromTrainer, Provenance, ToTrainer } from '../training/messages.ts';
import type { StartOptions, StartWorker, WorkerProcess } from './worker-process.ts';

export interface RunListener {
  onFrame?(frame: Frame): void;
  onProgress?(text: string, fraction: number | undefined): void;
  onPrepared?(provenance: Provenance): void;
  /** What was stored of `step` and later is gone; the training process makes it again. */
  onTruncated?(step: number): void;
}

export interface RunResult {
  id: string;
  state: RunState;
  step: number;
  reason: string | undefined;
  summary: Record<string, number> | undefined;
}

/** How a training process is started, and what it is told first. */
export interface Start extends StartOptions {
  order: ToTrainer;
}

/** A run that is training now. */
export class ActiveRun {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly #store: RunStore;
  readonly #listener: RunListener;
  readonly #choosing = new AbortController();
  #process: WorkerProcess<'training'> | undefined;
  /** For the process, before there is one. */
  readonly #early: ToTrainer[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  #settle!: (result: RunResult) => void;
  #result: RunResult | undefined;
  #step = 0;
  #storeFailure: Error | undefined;
  #stopping = false;

  /** @param plan finds out how the training process must be started and what it is told */
  constructor(
    id: string,
    store: RunStore,
    listener: RunListener,
    startWorker: StartWorker,
    plan: (signal: AbortSignal) => Promise<Start>,
  ) {
    this.id = id;
    this.#store = store;
    this.#listener = listener;
    this.done = new Promise((resolve) => (this.#settle = resolve));
    store.setState(id, 'starting');
    this.#heartbeat = setInterval(() => this.#guard(() => store.heartbeat(id)), 5000);
    plan(this.#choosing.signal).then(
      (start) => {
        if (this.#choosing.signal.aborted) this.#neverStarted();
        else this.#start(startWorker, start);
      },
      (error: Error) => this.#neverStarted(error),
    );
  }

  #start(startWorker: StartWorker, { order, ...options }: Start): void {
    this.#process = startWorker(
      'training',
      {
        onMessage: (message) => this.#guard(() => this.#receive(message)),
        onExit: (how) => this.#exited(`the training process ${how} at step ${this.#step} or later`),
      },
      options,
    );
    for (const message of [order, ...this.#early.splice(0)]) this.#process.send(message);
  }

  #neverStarted(error?: Error): void {
    if (this.#stopping) {
      this.#result = { id: this.id, state: 'stopped', step: 0, reason: undefined, summary: undefined };
    }
    this.#exited(error?.message ?? 'it was ended before its training process started');
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  pause(): void {
    this.#send({ type: 'pause' });
  }

  /** Ends a pause. */
  continue(): void {
    this.#send({ type: 'continue' });
  }

  checkpoint(): void {
    this.#send({ type: 'checkpoint' });
  }

  /** Checkpoints and ends; `done` resolves when that is over. */
  stop(): void {
    this.#stopping = true;
    this.#guard(() => this.#store.setState(this.id, 'stopping'));
    this.#choosing.abort();
    this.#send({ type: 'stop' });
  }

  /** Ends the training process at once; the newest checkpoint remains. */
  kill(): void {
    this.#choosing.abort();
    this.#process?.kill();
  }

  #send(message: ToTrainer): void {
    if (this.#process) this.#process.send(message);
    else this.#early.push(message);
  }

  #receive(message: FromTrainer): void {
    switch (message.type) {
      case 'progress':
        return this.#listener.onProgress?.(message.text, message.fraction);
      case 'prepared':
        this.#store.setProvenance(this.id, { ...message.provenance });
        this.#moveTo('running');
        return this.#listener.onPrepared?.(message.provenance);
      case 'continuing':
        this.#store.truncateFrom(this.id, message.step);
        return this.#listener.onTruncated?.(message.step);
      case 'frame':
        return this.#receiveFrame(message.frame);
      case 'ended': {
        const { outcome } = message;
        this.#result = {
          id: this.id,
          state: outcome.state,
          step: outcome.step,
          reason: outcome.state === 'failed' ? outcome.reason : undefined,
          summary: outcome.state === 'finished' ? outcome.summary : undefined,
        };
      }
    }
  }

  #receiveFrame(frame: Frame): void {
    if ('step' in frame) this.#step = frame.step;
    if (frame.type === 'state') this.#moveTo(frame.state);
    else this.#store.appendFrames(this.id, [frame]);
    this.#listener.onFrame?.(frame);
  }

  /** What the process said before it heard of the stop no longer counts. */
  #moveTo(state: RunState): void {
    if (!this.#stopping) this.#store.setState(this.id, state);
  }

  /** A store that cannot be written (disk full) ends the run with a checkpoint instead of losing frames unseen. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#storeFailure) return;
      this.#storeFailure = error as Error;
      this.#send({ type: 'stop' });
    }
  }

  /** @param reason why, if it ended without a last word */
  #exited(reason: string): void {
    clearInterval(this.#heartbeat);
    let result: RunResult = this.#result ?? {
      id: this.id,
      state: 'failed',
      step: this.#step,
      reason,
      summary: undefined,
    };
    if (this.#storeFailure) {
      result = {
        ...result,
        state: 'failed',
        reason: `the run could not be stored: ${this.#storeFailure.message}`,
      };
    }
    try {
      this.#store.setState(this.id, result.state, result.reason);
    } catch (error) {
      // The state on disk stays as it was; the next start marks it lost and offers to resume it.
      this.#storeFailure ??= error as Error;
    }
    this.#settle(result);
  }
}
