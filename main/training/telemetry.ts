import type { ScalarFrame } from '../../shared/frames.ts';
import { stepParts, type StepPart } from '../../shared/step-parts.ts';

/** A growing column of numbers; `take` hands out what was collected and starts over without shrinking. */
class Column {
  #data = new Float64Array(256);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float64Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }

  take(): Float64Array {
    const taken = this.#data.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

/**
 * Collects scalars between two frames. Recording a point costs three array writes, so that telemetry stays far
 * below 2 % of the shortest training steps.
 */
export class Telemetry {
  readonly #series = new Map<string, { steps: Column; values: Column; wallMs: Column }>();

  record(key: string, step: number, value: number, wallMs: number): void {
    let series = this.#series.get(key);
    if (!series)
      this.#series.set(key, (series = { steps: new Column(), values: new Column(), wallMs: new Column() }));
    series.steps.push(step);
    series.values.push(value);
    series.wallMs.push(wallMs);
  }

  /** Everything recorded since the last call, or undefined if there is nothing. */
  flush(): ScalarFrame | undefined {
    const series: ScalarFrame['series'] = [];
    for (const [key, columns] of this.#series) {
      const values = columns.values.take();
      const steps = columns.steps.take();
      const wallMs = columns.wallMs.take();
      if (values.length > 0) series.push({ key, steps, values, wallMs });
    }
    return series.length > 0 ? { type: 'scalars', series } : undefined;
  }
}

type StepTimes = Record<StepPart, number>;

const noTime = () => Object.fromEntries(stepParts.map((part) => [part, 0])) as StepTimes;

/** Where the time of training steps goes, milliseconds: since the last `take`, and over the whole run. */
export class StepClock {
  readonly total = noTime();
  readonly #recent = noTime();
  #steps = 0;

  add(times: Partial<StepTimes>): void {
    for (const part of stepParts) {
      this.#recent[part] += times[part] ?? 0;
      this.total[part] += times[part] ?? 0;
    }
  }

  countStep(): void {
    this.#steps++;
  }

  /**
   * Mean milliseconds per step of each part that the engine tells apart since the last call; undefined if no step was
   * made.
   */
  take(): { steps: number; perStep: Partial<StepTimes>; totalMs: number } | undefined {
    if (this.#steps === 0) return undefined;
    const steps = this.#steps;
    const { pass, passWithUpdate } = this.total;
    const joint = pass + passWithUpdate > 0;
    const unknown: StepPart[] = joint ? ['forward', 'backward'] : ['pass'];
    if (passWithUpdate === 0) unknown.push('passWithUpdate');
    const perStep: Partial<StepTimes> = {};
    let totalMs = 0;
    for (const part of stepParts) {
      totalMs += this.#recent[part];
      if (!unknown.includes(part)) perStep[part] = this.#recent[part] / steps;
      this.#recent[part] = 0;
    }
    this.#steps = 0;
    return { steps, perStep, totalMs };
  }

  /** Milliseconds spent in training steps over the whole run, evaluation and pauses excluded. */
  get trainingMs(): number {
    return stepParts.reduce((sum, part) => sum + this.total[part], 0);
  }
}
