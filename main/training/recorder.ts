import type { Frame } from '../../shared/frames.ts';
import type { GradientMode } from '../backends/backend.ts';
import type { FlopsMeter } from '../flops/count.ts';
import type { Prepared } from './prepare.ts';
import { densityOf, layerSummaries } from './summary.ts';
import type { StepClock } from './telemetry.ts';
import { Telemetry } from './telemetry.ts';

/** Points per step series that a run aims at; long runs average over several steps. */
const targetPoints = 1500;

export interface Evaluation {
  accuracy: number;
  loss: number;
}

/**
 * Turns what happens in a run into frames. Every point carries the index of the step it was measured after, so all
 * of them are older than a checkpoint written later: a resume that drops points from its step on loses none.
 */
export class RunRecorder {
  readonly #run: Prepared;
  readonly #flops: FlopsMeter;
  readonly #clock: StepClock;
  readonly #wallMs: () => number;
  readonly #telemetry = new Telemetry();
  readonly #logEvery: number;
  /** What is averaged into the next point. */
  #window = { loss: 0, correct: 0, samples: 0, steps: 0, dense: 0 };
  #lastTest: Evaluation = { accuracy: NaN, loss: NaN };

  constructor(run: Prepared, flops: FlopsMeter, clock: StepClock, wallMs: () => number) {
    this.#run = run;
    this.#flops = flops;
    this.#clock = clock;
    this.#wallMs = wallMs;
    this.#logEvery = Math.max(1, Math.ceil(run.horizon.totalSteps / targetPoints));
  }

  afterPass(correct: number, samples: number): void {
    this.#window.correct += correct;
    this.#window.samples += samples;
  }

  /** One point per `logEvery` steps: means over the window. */
  afterStep(
    step: number,
    values: {
      loss: number;
      learningRate: number;
      gradients: GradientMode;
      /** Asked for only when a point is due. */
      metrics(): Readonly<Record<string, number>>;
    },
  ): void {
    const window = this.#window;
    window.loss += values.loss;
    window.steps++;
    if (values.gradients === 'dense') window.dense++;
    if ((step + 1) % this.#logEvery !== 0) return;
    const record = this.#recordAt(step);
    record('train/loss', window.loss / window.steps);
    record('train/accuracy', window.correct / window.samples);
    record('learningRate', values.learningRate);
    record('density', densityOf(this.#run.network));
    record('flops/train', this.#flops.training);
    record('flops/percentOfDense', this.#flops.percentOfDense('paper'));
    // As a share: the rare fine step of a multilevel method hardly ever is the last one of its window.
    record('gradients/dense', window.dense / window.steps);
    for (const [key, value] of Object.entries(values.metrics())) record(`method/${key}`, value);
    this.#window = { loss: 0, correct: 0, samples: 0, steps: 0, dense: 0 };
  }

  afterEpoch(step: number, test: Evaluation): void {
    const record = this.#recordAt(step);
    record('test/loss', test.loss);
    record('test/accuracy', test.accuracy);
    record('epoch', (step + 1) / this.#run.horizon.stepsPerEpoch);
    record('flops/inferencePercent', this.#inferencePercent());
    this.#lastTest = test;
  }

  /** Everything since the last frame, and a sample of what changes slowly: layer densities, step time, memory. */
  frame(step: number): Frame | undefined {
    const { network, config } = this.#run;
    const record = this.#recordAt(step);
    for (const { name, size, sparse } of network.parameters) {
      if (sparse) record(`density/${name}`, network.activeCount(name) / size);
    }
    const time = this.#clock.take();
    if (time) {
      for (const [part, ms] of Object.entries(time.perStep)) record(`time/${part}`, ms);
      record('throughput/samplesPerSecond', (1000 * time.steps * config.training.batchSize) / time.totalMs);
    }
    record('memory/processBytes', process.memoryUsage.rss());
    record('memory/networkBytes', network.memoryBytes());
    return this.#telemetry.flush();
  }

  /** The honest numbers of a finished run. */
  async summary(metrics: Readonly<Record<string, number>>): Promise<Extract<Frame, { type: 'summary' }>> {
    const { network, horizon } = this.#run;
    const sparse = network.parameters.filter((p) => p.sparse);
    const values: Record<string, number> = {
      'test/accuracy': this.#lastTest.accuracy,
      'test/loss': this.#lastTest.loss,
      density: densityOf(network),
      nonzeros: sparse.reduce((sum, p) => sum + network.activeCount(p.name), 0),
      parameters: network.parameters.reduce((sum, p) => sum + p.size, 0),
      'flops/train': this.#flops.training,
      'flops/percentOfDense': this.#flops.percentOfDense('paper'),
      'flops/exactPercentOfDense': this.#flops.percentOfDense('exact'),
      'flops/inferencePercent': this.#inferencePercent(),
      'activeParameters/average': this.#flops.averageActive,
      'time/wallMs': this.#wallMs(),
      'time/trainingMs': this.#clock.trainingMs,
      'time/stepMs': this.#clock.trainingMs / horizon.totalSteps,
      ...Object.fromEntries(Object.entries(metrics).map(([key, value]) => [`method/${key}`, value])),
    };
    return { type: 'summary', values, layers: await layerSummaries(network) };
  }

  /** The open window and the last evaluation, for a checkpoint. */
  save() {
    return { window: { ...this.#window }, lastTest: { ...this.#lastTest } };
  }

  restore(saved: ReturnType<RunRecorder['save']>): void {
    this.#window = { ...this.#window, ...saved.window };
    this.#lastTest = { ...saved.lastTest };
  }

  #recordAt(step: number): (key: string, value: number) => void {
    const wallMs = this.#wallMs();
    return (key, value) => this.#telemetry.record(key, step, value, wallMs);
  }

  #inferencePercent(): number {
    return 100 * this.#flops.inferenceShare((name) => this.#run.network.activeCount(name));
  }
}
