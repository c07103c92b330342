import type { Events, LiveFrame } from '../../shared/contract.ts';
import { UserError } from '../../shared/errors.ts';
import type { Frame } from '../../shared/frames.ts';
import { isLive, type RunState } from '../../shared/run-state.ts';
import type { Queue } from '../../shared/run-view.ts';
import type { RunStore } from '../store/run-store.ts';
import type { EventBus } from './events.ts';
import { ForeignRuns } from './foreign-runs.ts';
import { RunFeed } from './run-feed.ts';
import type { ActiveRun } from './active-run.ts';
import type { RunService } from './runs.ts';
import type { SettingsFile } from './settings-file.ts';

/** A training process that does not end by itself is ended after this, milliseconds; its checkpoint remains. */
const closeMs = 20_000;

/**
 * Trains queued runs, first come first served, as many at once as the settings say. The order is in the store, so that
 * waiting runs go on after a restart of the host; it is read anew each time, so that it is right whoever changes it.
 */
export class RunQueue {
  readonly feed: RunFeed;
  readonly #store: RunStore;
  readonly #runs: RunService;
  readonly #events: EventBus;
  readonly #settings: Pick<SettingsFile, 'get' | 'onChange'>;
  readonly #active = new Map<string, ActiveRun>();
  readonly #foreign: ForeignRuns;
  readonly #stopListening: () => void;
  readonly #starting = new Map<string, Events['run.progress']>();
  #closing = false;

  constructor(options: {
    store: RunStore;
    runs: RunService;
    events: EventBus;
    settings: Pick<SettingsFile, 'get' | 'onChange'>;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#events = options.events;
    this.#settings = options.settings;
    this.feed = new RunFeed(this.#store, this.#events);
    this.#foreign = new ForeignRuns(
      this.#store,
      this.feed,
      (id) => this.#active.has(id),
      () => this.#fill(),
    );
    let { slots } = this.#settings.get();
    this.#stopListening = this.#settings.onChange((settings) => {
      if (settings.slots === slots) return;
      slots = settings.slots;
      this.#fill();
      this.#announce();
    });
  }

  /** What starting runs said last. */
  get starting(): Events['run.progress'][] {
    return [...this.#starting.values()];
  }

  /** Starts what waits; to be called once the host can be reached. */
  open(): void {
    this.#fill();
  }

  get(): Queue {
    return {
      slots: this.#settings.get().slots,
      active: [...this.#active.keys()],
      waiting: this.#store.waitingRuns(),
    };
  }

  /** Puts a run, which must be `queued`, at the end. */
  enqueue(id: string): void {
    this.#store.appendToQueue(id);
    this.feed.changed([id]);
    this.#fill();
    this.#announce();
  }

  /** @param ids all waiting runs, in the wanted order */
  reorder(ids: readonly string[]): void {
    this.#store.reorderQueue(ids);
    this.#announce();
  }

  /**
   * Takes a waiting run out; it becomes `stopped`.
   * @throws UserError `not-queued`
   */
  remove(id: string): void {
    const { state } = this.#store.getRun(id);
    if (!this.#store.waitingRuns().includes(id)) {
      throw new UserError(
        'not-queued',
        `run ${id} is ${state}; only waiting runs can be taken out of the queue`,
      );
    }
    this.#store.setState(id, 'stopped');
    this.feed.changed([id]);
    this.#announce();
  }

  /** @throws UserError `not-running`, `other-process` */
  pause(id: string): void {
    this.#controlled(id, 'paused', ['running', 'paused']).pause();
  }

  /** Ends a pause. @throws UserError `not-running`, `other-process` */
  continue(id: string): void {
    this.#controlled(id, 'continued', ['paused', 'running']).continue();
  }

  /** @throws UserError `not-running`, `other-process` */
  checkpoint(id: string): void {
    this.#controlled(id, 'checkpointed', ['running']).checkpoint();
  }

  /** Lets a run write a checkpoint and end; a waiting one leaves the queue. @throws UserError as `pause` */
  stop(id: string): void {
    if (this.#store.waitingRuns().includes(id)) return this.remove(id);
    this.#controlled(id, 'stopped', ['starting', 'running', 'paused', 'stopping']).stop();
    this.feed.changed([id]);
  }

  /** Ends a run's process at once. @throws UserError as `pause` */
  kill(id: string): void {
    this.#controlled(id, 'killed', ['starting', 'running', 'paused', 'stopping']).kill();
  }

  /**
   * Queues a run that ended early; it goes on from its newest checkpoint.
   * @throws UserError `not-resumable` if it finished, waits or is running
   */
  resume(id: string): void {
    const { state, deletedMs } = this.#store.getRun(id);
    const ended = state === 'stopped' || state === 'failed' || state === 'lost';
    if (!ended || deletedMs !== undefined) {
      throw new UserError(
        'not-resumable',
        `run ${id} is ${deletedMs === undefined ? state : 'in the trash'}; stopped, failed and lost runs can be resumed`,
      );
    }
    this.#store.setState(id, 'queued');
    this.enqueue(id);
  }

  /**
   * Moves runs to the trash; waiting ones leave the queue and become `stopped`.
   * @throws UserError `run-is-live` if one of them is running; then none is moved
   */
  trash(ids: readonly string[]): void {
    this.#store.moveToTrash(ids);
    this.feed.removed(ids);
    this.#announce();
  }

  /**
   * Starts nothing more, lets every run that trains here write a checkpoint and end, and waits for them. Waiting runs
   * keep their place.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    this.#foreign.close();
    const running = [...this.#active.values()];
    for (const run of running) run.stop();
    const timer = setTimeout(() => running.forEach((run) => run.kill()), closeMs);
    await Promise.all(running.map((run) => run.done));
    clearTimeout(timer);
    this.feed.close();
  }

  #fill(): void {
    if (this.#closing) return;
    const free = this.#settings.get().slots - this.#active.size;
    if (free <= 0) return;
    const next = this.#store.waitingRuns().slice(0, free);
    for (const id of next) this.#start(id);
    if (next.length > 0) this.#announce();
  }

  #start(id: string): void {
    const listener = {
      onFrame: (frame: Frame) => this.#forward(id, frame),
      onProgress: (text: string, fraction: number | undefined) =>
        this.#progressed({ runId: id, text, fraction }),
      onPrepared: () => {
        this.#endProgress(id);
        this.feed.changed([id]);
      },
      onTruncated: (step: number) => this.#events.emit('run.truncated', { runId: id, step }),
    };
    try {
      const isNew = this.#store.getRun(id).startedMs === undefined;
      const options = { allowDownload: true, belowWindow: true };
      const run = isNew ? this.#runs.start(id, options, listener) : this.#runs.resume(id, options, listener);
      this.#active.set(id, run);
      this.feed.changed([id]);
      void run.done.then(() => this.#ended(id));
    } catch (error) {
      // Another process may have taken it; its row says so.
      if (error instanceof UserError && error.code === 'bad-transition') return this.feed.changed([id]);
      this.#events.emit('notice', {
        level: 'error',
        text: `run ${id} could not be started: ${(error as Error).message}`,
      });
    }
  }

  #ended(id: string): void {
    this.#active.delete(id);
    this.#endProgress(id);
    this.feed.changed([id]);
    this.#fill();
    this.#announce();
  }

  #forward(id: string, frame: Frame): void {
    if (frame.type === 'state') this.feed.changed([id]);
    else this.feed.progressed(id);
    const live = toLiveFrame(frame);
    if (live) this.#events.emitFrame({ runId: id, frame: live });
  }

  #progressed(progress: Events['run.progress']): void {
    this.#starting.set(progress.runId, progress);
    this.#events.emit('run.progress', progress);
  }

  #endProgress(runId: string): void {
    this.#starting.delete(runId);
    this.#events.emit('run.progress', { runId, text: '', fraction: undefined });
  }

  #announce(): void {
    this.#events.emit('queue.changed', this.get());
  }

  #controlled(id: string, what: string, states: readonly RunState[]): ActiveRun {
    const { state } = this.#store.getRun(id);
    const run = this.#active.get(id);
    if (!run && isLive(state)) {
      const text = `run ${id} is trained by another program in this workspace; it can only be controlled there`;
      throw new UserError('other-process', text);
    }
    if (!run || !states.includes(state)) {
      throw new UserError(
        'not-running',
        `run ${id} is ${state} and cannot be ${what}; only ${states.join(', ')} runs can`,
      );
    }
    return run;
  }
}

/** Masks are announced, not sent; the summary is part of the run's row. */
function toLiveFrame(frame: Frame): LiveFrame | undefined {
  if (frame.type === 'summary') return undefined;
  if (frame.type !== 'topology') return frame;
  const layers = frame.layers.map(({ name, nnz }) => ({ name, nnz }));
  return { type: 'topology', step: frame.step, layers };
}
