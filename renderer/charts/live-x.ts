import type { XKind } from '../../shared/contract.ts';
import type { ScalarFrame } from '../../shared/frames.ts';

/** Places points of a run's live frames on the x axis just as the host places stored ones. */
export class LiveX {
  readonly #kind: XKind;
  readonly #stepsPerEpoch: number;
  /** Training FLOPs at the newest step that has them, and how fast they grow. */
  #flops: { step: number; x: number; perStep: number };

  /** @param anchor the run's newest stored point on this axis */
  constructor(kind: XKind, anchor: { step: number; x: number }) {
    this.#kind = kind;
    this.#stepsPerEpoch = (anchor.step + 1) / anchor.x;
    this.#flops = { ...anchor, perStep: anchor.x / (anchor.step + 1) };
  }

  /** @returns x of a point of this frame: a step, epochs, seconds or FLOPs */
  of(frame: ScalarFrame): (step: number, wallMs: number) => number {
    switch (this.#kind) {
      case 'step':
        return (step) => step;
      case 'epoch':
        return (step) => (step + 1) / this.#stepsPerEpoch;
      case 'wall':
        return (_, wallMs) => wallMs / 1000;
      case 'flops':
        return this.#flopsOf(frame);
    }
  }

  /** Between the frame's points of training FLOPs on straight lines; after the last one at the newest rate. */
  #flopsOf(frame: ScalarFrame): (step: number) => number {
    const known = [this.#flops];
    const series = frame.series.find(({ key }) => key === 'flops/train');
    series?.steps.forEach((step, i) => {
      const { step: stepBefore, x: before, perStep } = known[known.length - 1];
      if (step <= stepBefore) return;
      const x = series.values[i];
      known.push({ step, x, perStep: x > before ? (x - before) / (step - stepBefore) : perStep });
    });
    this.#flops = known[known.length - 1];
    return (step) => {
      const next = known.find((point) => point.step >= step) ?? this.#flops;
      return next.x - (next.step - step) * next.perStep;
    };
  }
}
