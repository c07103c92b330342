import { describe, expect, it } from 'vitest';
import { StepClock } from '../../../../main/training/telemetry.ts';

describe('StepClock', () => {
  it('averages the parts over the steps since the last time it was asked', () => {
    const clock = new StepClock();
    for (let step = 0; step < 2; step++) {
      clock.add({ data: 1 });
      clock.add({ forward: 2, backward: 4 });
      clock.add({ update: step });
      clock.countStep();
    }
    expect(clock.take()).toEqual({
      steps: 2,
      perStep: { data: 1, forward: 2, backward: 4, update: 0.5, topology: 0 },
      totalMs: 15,
    });
    expect(clock.take()).toBeUndefined();
    expect(clock.trainingMs).toBe(15);
  });

  it('says no time of forward and backward where an engine runs both as one', () => {
    const clock = new StepClock();
    clock.add({ pass: 6 });
    clock.countStep();
    expect(clock.take()).toEqual({
      steps: 1,
      perStep: { data: 0, pass: 6, update: 0, topology: 0 },
      totalMs: 6,
    });
  });

  it('tells passes that had an update in them apart from those that had none', () => {
    const clock = new StepClock();
    clock.add({ pass: 6 });
    clock.countStep();
    clock.add({ passWithUpdate: 8 });
    clock.countStep();
    expect(clock.take()).toEqual({
      steps: 2,
      perStep: { data: 0, pass: 3, passWithUpdate: 4, update: 0, topology: 0 },
      totalMs: 14,
    });
  });
});
