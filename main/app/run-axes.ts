import type { XKind } from '../../shared/contract.ts';
import type { Points, RunStore } from '../store/run-store.ts';

/** What the points of one run can be drawn against. */
export class RunAxes {
  readonly #store: RunStore;
  readonly #runId: string;
  #flops: Points | undefined;
  #stepsPerEpoch: number | undefined;

  constructor(store: RunStore, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /**
   * The x of every point, never decreasing: step index; epochs completed after the step; seconds of training; training
   * FLOPs spent after the step. Empty where the run has no such x.
   */
  x(kind: XKind, { steps, wallMs }: Points): Float64Array {
    if (steps.length === 0) return steps;
    switch (kind) {
      case 'step':
        return steps;
      case 'epoch': {
        this.#stepsPerEpoch ??= Number(this.#store.getRun(this.#runId).environment.stepsPerEpoch);
        const perEpoch = this.#stepsPerEpoch;
        if (!(perEpoch > 0)) return new Float64Array(0);
        const x = new Float64Array(steps.length);
        for (let i = 0; i < x.length; i++) x[i] = (steps[i] + 1) / perEpoch;
        return x;
      }
      case 'wall':
        return ascendingSeconds(wallMs);
      case 'flops':
        this.#flops ??= this.#store.readSeries(this.#runId, 'flops/train');
        return flopsAt(steps, this.#flops);
    }
  }
}

/** Stored wall times are rounded, which can turn two that are microseconds apart around. */
function ascendingSeconds(wallMs: Float64Array): Float64Array {
  const x = new Float64Array(wallMs.length);
  let before = 0;
  for (let i = 0; i < x.length; i++) x[i] = before = Math.max(before, wallMs[i] / 1000);
  return x;
}

/**
 * FLOPs spent after each step: linear between the recorded points, from nothing before the first step, and beyond the
 * last point at the rate of the last stretch.
 */
function flopsAt(steps: Float64Array, flops: Points): Float64Array {
  const n = flops.steps.length;
  if (n === 0) return new Float64Array(0);
  const x = new Float64Array(steps.length);
  let next = 0;
  for (let i = 0; i < steps.length; i++) {
    while (next < n - 1 && flops.steps[next] < steps[i]) next++;
    const before = next === 0 ? -1 : flops.steps[next - 1];
    const spentBefore = next === 0 ? 0 : flops.values[next - 1];
    const rate = (flops.values[next] - spentBefore) / (flops.steps[next] - before);
    x[i] = spentBefore + rate * (steps[i] - before);
  }
  return x;
}
