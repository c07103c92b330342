import type { Frame } from '../../shared/frames.ts';
import type { RunConfig } from '../../shared/run.ts';
import type { RunState } from '../../shared/run-state.ts';
import { UserError } from '../../shared/errors.ts';
import type { RunStore } from '../store/run-store.ts';
import { parseRunConfig } from '../training/config.ts';
import type { FromTrainer, Provenance } from '../training/messages.ts';
import { hashConfig } from '../training/prepare.ts';
import { sourceRevision, version } from './provenance.ts';
import { checkpointToStartFrom, keepStartingWeights, namedWeights } from './starting-weights.ts';
import { startChildProcess, type StartWorker, type WorkerProcess } from './worker-process.ts';
import type { Workspace } from './workspace.ts';

export interface LaunchOptions {
  allowDownload: boolean;
  /** Gives way to the window where both want the same core. */
  belowWindow?: boolean;
  /** How often the training process writes a checkpoint, milliseconds; the trainer's default if left out. */
  checkpointMs?: number;
}

export interface RunListener {
  onFrame?(frame: Frame): void;
  onProgress?(text: string, fraction: number | undefined): void;
  onPrepared?(provenance: Provenance): void;
  /** What was stored of `step` and later is gone; the training process makes it again. */
  onTruncated?(step: number): void;
}

export interface CreateOptions {
  /** The run it is a copy or a continuation of. */
  parentRunId?: string;
  /** Starts with the weights of the parent's checkpoint at this step. */
  fromStep?: number;
  commandLine?: string;
}

export interface RunResult {
  id: string;
  state: RunState;
  step: number;
  reason: string | undefined;
  summary: Record<string, number> | undefined;
}

/** Runs from config to result: the only place that connects training processes with the store. */
export class RunService {
  readonly #store: RunStore;
  readonly #workspace: Workspace;
  readonly #startWorker: StartWorker;

  constructor(store: RunStore, workspace: Workspace, startWorker: StartWorker = startChildProcess) {
    this.#store = store;
    this.#workspace = workspace;
    this.#startWorker = startWorker;
  }

  /**
   * Validates a raw config and stores it as a new run in state `queued`.
   * @throws UserError `bad-config`; `no-checkpoint` if the weights it is to start from are not there
   */
  async create(raw: unknown, options: CreateOptions = {}): Promise<{ id: string; config: RunConfig }> {
    const { parentRunId, fromStep, commandLine } = options;
    const parsed = parseRunConfig(raw);
    if (parentRunId !== undefined) this.#store.getRun(parentRunId);
    const weights = await this.#findWeights(parsed, parentRunId, fromStep);
    const config = weights ? { ...parsed, start: weights.start } : parsed;
    const id = this.#store.createRun({
      config,
      configHash: hashConfig(config),
      seed: config.training.seed,
      environment: {
        version,
        ...sourceRevision(),
        platform: `${process.platform}-${process.arch}`,
        ...(commandLine !== undefined && { commandLine }),
      },
      parentRunId,
      forkStep: fromStep,
    });
    if (weights) await keepStartingWeights(this.#workspace, id, weights.bytes);
    this.#store.setState(id, 'queued');
    return { id, config };
  }

  async #findWeights({ start }: RunConfig, parentRunId: string | undefined, fromStep: number | undefined) {
    if (fromStep === undefined) {
      return start && namedWeights(this.#workspace, start, parentRunId);
    }
    if (parentRunId === undefined) {
      throw new UserError(
        'bad-input',
        'fromStep: needs parentRunId, the run whose checkpoint it is',
        'fromStep',
      );
    }
    return checkpointToStartFrom(this.#store, this.#workspace, parentRunId, fromStep);
  }

  start(id: string, options: LaunchOptions, listener: RunListener = {}): ActiveRun {
    return this.#launch(id, false, options, listener);
  }

  /**
   * Continues a run from its newest checkpoint.
   * @throws UserError `not-resumable` if it finished or is running
   */
  resume(id: string, options: LaunchOptions, listener: RunListener = {}): ActiveRun {
    const { state } = this.#store.getRun(id);
    if (!['stopped', 'failed', 'lost', 'queued'].includes(state)) {
      throw new UserError(
        'not-resumable',
        `run ${id} is ${state}; stopped, failed and lost runs can be resumed`,
      );
    }
    if (state !== 'queued') this.#store.setState(id, 'queued');
    return this.#launch(id, true, options, listener);
  }

  #launch(id: string, resume: boolean, options: LaunchOptions, listener: RunListener): ActiveRun {
    const run = new ActiveRun(id, this.#store, listener, this.#startWorker);
    run.begin({
      type: 'begin',
      config: this.#store.getRun(id).config,
      folder: this.#workspace.runFolder(id),
      dataFolder: this.#workspace.data,
      resume,
      recordedSteps: this.#store.readCheckpoints(id).map(({ step }) => step),
      ...options,
    });
    return run;
  }
}

/** A run that is training now. */
export class ActiveRun {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly #store: RunStore;
  readonly #listener: RunListener;
  readonly #process: WorkerProcess<'training'>;
  readonly #heartbeat: NodeJS.Timeout;
  #settle!: (result: RunResult) => void;
  #result: RunResult | undefined;
  #step = 0;
  #storeFailure: Error | undefined;
  #stopping = false;

  constructor(id: string, store: RunStore, listener: RunListener, startWorker: StartWorker) {
    this.id = id;
    this.#store = store;
    this.#listener = listener;
    this.done = new Promise((resolve) => (this.#settle = resolve));
    store.setState(id, 'starting');
    this.#process = startWorker('training', {
      onMessage: (message) => this.#guard(() => this.#receive(message)),
      onExit: (how) => this.#exited(how),
    });
    this.#heartbeat = setInterval(() => this.#guard(() => store.heartbeat(id)), 5000);
  }

  begin(order: Parameters<WorkerProcess<'training'>['send']>[0]): void {
    this.#process.send(order);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  pause(): void {
    this.#process.send({ type: 'pause' });
  }

  /** Ends a pause. */
  continue(): void {
    this.#process.send({ type: 'continue' });
  }

  checkpoint(): void {
    this.#process.send({ type: 'checkpoint' });
  }

  /** Checkpoints and ends; `done` resolves when that is over. */
  stop(): void {
    this.#stopping = true;
    this.#guard(() => this.#store.setState(this.id, 'stopping'));
    this.#process.send({ type: 'stop' });
  }

  /** Ends the training process at once; the newest checkpoint remains. */
  kill(): void {
    this.#process.kill();
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
      this.#process.send({ type: 'stop' });
    }
  }

  #exited(how: string): void {
    clearInterval(this.#heartbeat);
    let result: RunResult = this.#result ?? {
      id: this.id,
      state: 'failed',
      step: this.#step,
      reason: `the training process ${how} at step ${this.#step} or later`,
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
