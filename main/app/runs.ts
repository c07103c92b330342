import type { EngineId, RunConfig } from '../../shared/run.ts';
import { UserError } from '../../shared/errors.ts';
import type { RunStore } from '../store/run-store.ts';
import { parseRunConfig } from '../training/config.ts';
import type { EngineOrder } from '../training/messages.ts';
import { hashConfig } from '../training/prepare.ts';
import { ActiveRun, type RunListener } from './active-run.ts';
import { chooseByName, type ChooseEngine } from './engine-choice.ts';
import { environmentOf } from './engines.ts';
import { sourceRevision, version } from './provenance.ts';
import { checkpointToStartFrom, keepStartingWeights, namedWeights } from './starting-weights.ts';
import { startChildProcess, type StartWorker } from './worker-process.ts';
import type { Workspace } from './workspace.ts';

export interface LaunchOptions {
  allowDownload: boolean;
  /** Gives way to the window where both want the same core. */
  belowWindow?: boolean;
  /** How often the training process writes a checkpoint, milliseconds; the trainer's default if left out. */
  checkpointMs?: number;
}

export interface CreateOptions {
  /** The run it is a copy or a continuation of. */
  parentRunId?: string;
  /** Starts with the weights of the parent's checkpoint at this step. */
  fromStep?: number;
  commandLine?: string;
}

export interface RunServices {
  /** How training processes are started; default: as Node child processes. */
  startWorker?: StartWorker;
  /** Decides what computes a run that leaves it open; default: the native kernels if they load. */
  chooseEngine?: ChooseEngine;
}

/** Runs from config to result: the only place that connects training processes with the store. */
export class RunService {
  readonly #store: RunStore;
  readonly #workspace: Workspace;
  readonly #startWorker: StartWorker;
  readonly #chooseEngine: ChooseEngine;
  readonly #active = new Set<ActiveRun>();

  constructor(store: RunStore, workspace: Workspace, services: RunServices = {}) {
    this.#store = store;
    this.#workspace = workspace;
    this.#startWorker = services.startWorker ?? startChildProcess;
    this.#chooseEngine = services.chooseEngine ?? chooseByName;
  }

  /** How many runs train now. */
  get training(): number {
    return this.#active.size;
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
    const { config, environment } = this.#store.getRun(id);
    const run = new ActiveRun(id, this.#store, listener, this.#startWorker, async (signal) => {
      const engine =
        (resume && engineOfStart(environment)) ||
        (await this.#chooseEngine(config, {
          signal,
          onProgress: (text) => listener.onProgress?.(text, undefined),
        }));
      return {
        environment:
          engine.id === 'auto' ? {} : environmentOf(engine.id, config.engine.threads, config.model),
        belowWindow: options.belowWindow,
        order: {
          type: 'begin',
          config,
          engine,
          folder: this.#workspace.runFolder(id),
          dataFolder: this.#workspace.data,
          resume,
          recordedSteps: this.#store.readCheckpoints(id).map(({ step }) => step),
          ...options,
        },
      };
    });
    this.#active.add(run);
    void run.done.then(() => this.#active.delete(run));
    return run;
  }
}

/**
 * The engine that a run began with: a resumed run goes on with it, or not at all, because another one would round
 * differently from there on. Undefined for a run that never got to its first step.
 */
function engineOfStart(environment: Readonly<Record<string, unknown>>): EngineOrder | undefined {
  const { engine, engineId, engineReason } = environment;
  if (engine === undefined) return undefined;
  // Runs of versions before engines were recorded by name had two of them.
  const before = String(engine).startsWith('native') ? 'native' : 'reference';
  return {
    id: (engineId as EngineId | undefined) ?? before,
    reason: String(engineReason ?? 'the run began on it'),
    begunWith: String(engine),
  };
}
