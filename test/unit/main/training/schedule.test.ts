import { describe, expect, test } from 'vitest';
import { learningRateAt, scheduleFields, type ScheduleValues } from '../../../../main/training/schedule.ts';
import { parseValues } from '../../../../shared/fields.ts';

const values = (raw: Partial<ScheduleValues>) => parseValues(scheduleFields, raw, 'schedule');
const at = (raw: Partial<ScheduleValues>, step: number) => learningRateAt(values(raw), 0.4, step, 1000, 100);

describe('learning-rate schedule', () => {
  test('cosine falls from the base to nearly 0', () => {
    expect(at({}, 0)).toBe(0.4);
    expect(at({}, 500)).toBeCloseTo(0.2, 12);
    expect(at({}, 999)).toBeLessThan(1e-5);
    expect(at({}, 999)).toBeGreaterThan(0);
  });

  test('constant stays', () => {
    expect(at({ decay: 'constant' }, 0)).toBe(0.4);
    expect(at({ decay: 'constant' }, 999)).toBe(0.4);
  });

  test('steps drop at their share of the training', () => {
    const raw = { decay: 'step', milestones: [50, 75], factor: 0.1 } as const;
    expect(at(raw, 499)).toBe(0.4);
    expect(at(raw, 500)).toBeCloseTo(0.04, 12);
    expect(at(raw, 749)).toBeCloseTo(0.04, 12);
    expect(at(raw, 750)).toBeCloseTo(0.004, 12);
  });

  test.each(['cosine', 'constant', 'step'] as const)('warm-up leads into %s', (decay) => {
    const raw = { decay, warmupEpochs: 2 };
    expect(at(raw, 0)).toBeCloseTo(0.4 / 200, 12);
    expect(at(raw, 99)).toBeCloseTo(0.2, 12);
    expect(at(raw, 199)).toBeCloseTo(0.4, 12);
    expect(at(raw, 200)).toBe(0.4);
  });

  test('cosine after warm-up still ends near 0', () => {
    expect(at({ warmupEpochs: 5 }, 999)).toBeLessThan(1e-5);
    expect(at({ warmupEpochs: 5 }, 750)).toBeCloseTo(0.2, 12);
  });

  test('refuses milestones outside the training, naming them', () => {
    expect(() => values({ milestones: [50, 120] })).toThrow(/schedule\.milestones/);
  });
});
