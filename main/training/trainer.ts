import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../shared/errors.ts';
import type { Frame } from '../../shared/frames.ts';
import { Random } from '../../shared/random.ts';
import { BatchLoader, evaluationBatches } from '../datasets/batches.ts';
import { FlopsMeter } from '../flops/count.ts';
import type { MethodContext, StateValue } from '../methods/method.ts';
import {
  readNewestCheckpoint,
  removeNewerCheckpoints,
  restoreNetwork,
  writeCheckpoint,
  type Progress,
} from './checkpoint.ts';
import type { Prepared } from './prepare.ts';
import { RunRecorder, type Evaluation } from './recorder.ts';
import { learningRateAt } from './schedule.ts';
import { SnapshotRecorder } from './snapshots.ts';
import { StepClock } from './telemetry.ts';

export interface TrainerOptions {
  /** Where checkpoints go; it must exist. */
  folder: string;
  emit(frame: Frame): void;
  /**
   * Steps of the checkpoints up to which every frame has reached the host. One that was written after the host went
   * away is newer, but to go on from it would leave a gap in the curves.
   */
  recordedSteps?: readonly number[];
  /** How often frames are emitted, milliseconds. */
  frameMs?: number;
  /** How often a checkpoint is written, milliseconds; one is written at every stop and at the end anyway. */
  checkpointMs?: number;
}

export type Outcome =
  | { state: 'finished'; step: number; summary: Record<string, number> }
  | { state: 'stopped'; step: number }
  | { state: 'failed'; step: number; reason: string };

type State = { [key: string]: StateValue };

/**
 * The training loop: batches in, frames out. It knows neither store nor shell; what it emits can be shown,
 * stored or written to a file. Pause, resume and stop take effect between two steps.
 */
export class Trainer {
  readonly #run: Prepared;
  readonly #options: TrainerOptions & { frameMs: number; checkpointMs: number };
  readonly #loader: BatchLoader;
  readonly #random: { shuffle: Random; augment: Random; method: Random; dropout: Random };
  readonly #flops: FlopsMeter;
  readonly #clock = new StepClock();
  readonly #snapshots: SnapshotRecorder;
  readonly #recorder: RunRecorder;
  #context!: MethodContext<never, State> & { step: number; learningRate: number; gradientScale: number };
  #step = 0;
  /** Wall time of the run before the current stretch, and when that began. */
  #wallBefore = 0;
  #stretchStart = performance.now();
  #lastFrame = 0;
  #lastCheckpoint = 0;
  #request: { pause: boolean; stop: boolean; checkpoint: boolean } = {
    pause: false,
    stop: false,
    checkpoint: false,
  };

  constructor(run: Prepared, options: TrainerOptions) {
    this.#run = run;
    const { frameMs = 300, checkpointMs = 15_000 } = options;
    this.#options = { ...options, frameMs, checkpointMs };
    const { seed, batchSize } = run.config.training;
    this.#random = {
      shuffle: new Random(seed, 'shuffle'),
      augment: new Random(seed, 'augment'),
      method: new Random(seed, 'method'),
      dropout: new Random(seed, 'dropout'),
    };
    this.#loader = new BatchLoader(run.dataset.train, {
      batchSize,
      shape: run.dataset.shape,
      random: this.#random.shuffle,
      augmentation: run.config.augmentation,
      augmentationRandom: this.#random.augment,
    });
    this.#flops = new FlopsMeter(run.network.parameters);
    this.#snapshots = new SnapshotRecorder(run.network);
    this.#recorder = new RunRecorder(run, this.#flops, this.#clock, () => this.#wallMs());
  }

  pause(): void {
    this.#request.pause = true;
  }

  /** Ends a pause. */
  resume(): void {
    this.#request.pause = false;
  }

  /** Checkpoints and ends the run as `stopped`. */
  stop(): void {
    this.#request.stop = true;
  }

  checkpointNow(): void {
    this.#request.checkpoint = true;
  }

  /** Trains from the start. */
  async start(): Promise<Outcome> {
    const base = this.#newContext({});
    const state = await this.#run.method.init(base as never);
    this.#context = Object.assign(base, { state }) as never;
    return this.#guarded(async () => {
      await this.#emitTopology();
      await this.#checkpoint();
    });
  }

  /**
   * Continues from the newest recorded checkpoint in the run's folder, bit-identically to a run that was never interrupted.
   * @param before is told the step to continue from before any frame is emitted (stored frames >= it are dropped)
   * @throws UserError `no-checkpoint`, or `bad-checkpoint` if it belongs to another config or other data
   */
  async continue(before: (step: number) => void): Promise<Outcome> {
    const { folder, recordedSteps } = this.#options;
    const checkpoint = await readNewestCheckpoint(folder, recordedSteps);
    const { progress } = checkpoint;
    if (progress.configHash !== this.#run.configHash) {
      throw new UserError('bad-checkpoint', `${checkpoint.file} was made with another config`);
    }
    if (progress.datasetSha256 !== this.#run.dataset.sha256) {
      throw new UserError(
        'bad-checkpoint',
        `the data set differs from the one ${checkpoint.file} was trained on`,
      );
    }
    await removeNewerCheckpoints(folder, progress.step);
    await restoreNetwork(this.#run.network, checkpoint);
    for (const [name, random] of Object.entries(this.#random)) random.restore(progress.random[name] as never);
    this.#loader.restore(progress.loader as never);
    this.#flops.restore(progress.flops as never);
    Object.assign(this.#clock.total, progress.clock);
    this.#recorder.restore(progress.recorder as never);
    this.#step = progress.step;
    this.#wallBefore = progress.wallMs;
    this.#context = this.#newContext(progress.method as State);
    before(this.#step);
    return this.#guarded(async () => {});
  }

  #newContext(
    state: State,
  ): MethodContext<never, State> & { step: number; learningRate: number; gradientScale: number } {
    const { config, network, horizon } = this.#run;
    return {
      ...horizon,
      network,
      values: config.method.values as never,
      state,
      sparse: network.parameters.filter((p) => p.sparse),
      warmStart: config.start !== undefined,
      random: this.#random.method,
      step: this.#step,
      learningRate: 0,
      gradientScale: 1,
      log: (text) => this.#event('info', 'method', text),
    };
  }

  async #guarded(before: () => Promise<void>): Promise<Outcome> {
    try {
      await before();
      return await this.#loop();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#event('error', error.code, error.message);
      this.#emitFrame();
      return { state: 'failed', step: this.#step, reason: error.message };
    }
  }

  async #loop(): Promise<Outcome> {
    const { horizon } = this.#run;
    this.#stretchStart = this.#lastFrame = this.#lastCheckpoint = performance.now();
    let lastYield = performance.now();
    while (this.#step < horizon.totalSteps) {
      await this.#trainOneStep();
      this.#step++;
      const epochEnds = this.#step % horizon.stepsPerEpoch === 0;
      if (this.#step === horizon.totalSteps) await this.#run.method.finish?.(this.#context);
      if (epochEnds) this.#recorder.afterEpoch(this.#step - 1, await this.#evaluate());
      if (this.#snapshots.due(this.#step, horizon.totalSteps)) await this.#emitTopology();
      const now = performance.now();
      if (now - this.#lastFrame >= this.#options.frameMs) this.#emitFrame();
      if (now - lastYield >= 20) {
        // Lets messages of the host in: pause, stop, checkpoint.
        await setImmediate();
        lastYield = performance.now();
      }
      if (await this.#obeyRequests()) return { state: 'stopped', step: this.#step };
      if (now - this.#lastCheckpoint >= this.#options.checkpointMs) await this.#checkpoint();
    }
    await this.#checkpoint();
    const summary = await this.#recorder.summary(this.#methodMetrics());
    this.#options.emit(summary);
    return { state: 'finished', step: this.#step, summary: summary.values };
  }

  async #trainOneStep(): Promise<void> {
    const { config, network, method, horizon } = this.#run;
    const values = config.method.values as { learningRate: number };
    const context = this.#context;
    const plan = method.plan(values as never, this.#step, horizon);
    let loss = 0;
    for (let pass = 0; pass < plan.batches; pass++) {
      const t0 = performance.now();
      const batch = this.#loader.next();
      this.#clock.add({ data: performance.now() - t0 });
      const result = await network.trainStep(batch, {
        gradients: plan.gradients,
        labelSmoothing: config.training.labelSmoothing,
        accumulate: pass > 0,
        dropoutSeed: this.#random.dropout.uint32(),
      });
      this.#clock.add(result.times);
      loss += result.loss / plan.batches;
      this.#recorder.afterPass(result.correct, batch.size);
    }
    this.#flops.add(plan, config.training.batchSize, (name) => network.activeCount(name));
    if (!Number.isFinite(loss)) {
      throw new UserError(
        'diverged',
        `The loss became ${loss} at step ${this.#step}: training diverged. The last good checkpoint is kept; ` +
          'a smaller learning rate, warm-up or gradient clipping usually helps.',
      );
    }
    const t1 = performance.now();
    context.step = this.#step;
    context.learningRate = learningRateAt(
      config.schedule as never,
      values.learningRate,
      this.#step,
      horizon.totalSteps,
      horizon.stepsPerEpoch,
    );
    context.gradientScale = 1 / plan.batches;
    const clip = config.training.gradientClipping;
    if (clip > 0) {
      const norm = (await network.gradientNorm()) / plan.batches;
      context.gradientScale *= Math.min(1, clip / (norm + 1e-6));
    }
    await method.step(context);
    this.#clock.add({ [plan.phase === 'topology' ? 'topology' : 'update']: performance.now() - t1 });
    this.#clock.countStep();
    this.#recorder.afterStep(this.#step, {
      loss,
      learningRate: context.learningRate,
      gradients: plan.gradients,
      metrics: () => this.#methodMetrics(),
    });
  }

  async #evaluate(): Promise<Evaluation> {
    const { dataset, network } = this.#run;
    let lossSum = 0;
    let correct = 0;
    for (const batch of evaluationBatches(dataset.test, Math.min(256, dataset.test.count))) {
      const result = await network.evaluate(batch);
      lossSum += result.lossSum;
      correct += result.correct;
    }
    return { accuracy: correct / dataset.test.count, loss: lossSum / dataset.test.count };
  }

  #emitFrame(): void {
    const frame = this.#recorder.frame(Math.max(0, this.#step - 1));
    if (frame) this.#options.emit(frame);
    this.#lastFrame = performance.now();
  }

  async #emitTopology(): Promise<void> {
    const frame = await this.#snapshots.take(this.#step);
    if (frame) this.#options.emit(frame);
  }

  async #checkpoint(): Promise<void> {
    this.#emitFrame();
    const written = await writeCheckpoint(this.#options.folder, this.#run.network, this.#progress());
    this.#options.emit({ type: 'checkpoint', step: this.#step, ...written });
    this.#lastCheckpoint = performance.now();
  }

  #progress(): Progress {
    return {
      configHash: this.#run.configHash,
      datasetSha256: this.#run.dataset.sha256,
      step: this.#step,
      wallMs: this.#wallMs(),
      clock: { ...this.#clock.total },
      random: Object.fromEntries(Object.entries(this.#random).map(([name, random]) => [name, random.save()])),
      loader: this.#loader.save(),
      flops: this.#flops.save(),
      method: this.#context.state,
      recorder: this.#recorder.save(),
    };
  }

  /** @returns true when the run is to stop; its checkpoint is written then */
  async #obeyRequests(): Promise<boolean> {
    if (this.#request.checkpoint) {
      this.#request.checkpoint = false;
      await this.#checkpoint();
    }
    if (this.#request.pause && !this.#request.stop) {
      await this.#checkpoint();
      this.#wallBefore = this.#wallMs();
      this.#options.emit({ type: 'state', state: 'paused', step: this.#step });
      while (this.#request.pause && !this.#request.stop)
        await new Promise((resolve) => setTimeout(resolve, 25));
      this.#stretchStart = performance.now();
      if (!this.#request.stop) this.#options.emit({ type: 'state', state: 'running', step: this.#step });
    }
    if (!this.#request.stop) return false;
    await this.#checkpoint();
    return true;
  }

  #methodMetrics(): Readonly<Record<string, number>> {
    return this.#run.method.metrics?.(this.#run.config.method.values as never, this.#context.state) ?? {};
  }

  /** Time the run has been training, pauses and interruptions excluded. */
  #wallMs(): number {
    return this.#wallBefore + performance.now() - this.#stretchStart;
  }

  #event(level: 'info' | 'warning' | 'error', kind: string, text: string): void {
    this.#options.emit({ type: 'event', step: this.#step, level, kind, text });
  }
}
