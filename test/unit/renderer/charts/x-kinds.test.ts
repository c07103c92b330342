import { describe, expect, it } from 'vitest';
import { grouped, xAxes } from '../../../../renderer/charts/x-kinds.ts';

describe('xAxes', () => {
  it('labels steps and FLOPs with all digits that they have', () => {
    const labels = [0, 500, 20_250, 21_000, 1_234_500, 8e11].map(xAxes.step.tick);
    expect(labels.map((text) => text.replace('\u00a0', ' '))).toEqual([
      '0',
      '500',
      '20.25 k',
      '21 k',
      '1.2345 M',
      '800 G',
    ]);
  });

  it('writes times on the axis as a clock does', () => {
    expect([0, 2.5, 30, 60, 150, 3600, 3900].map(xAxes.wall.tick)).toEqual([
      '0',
      '2.5 s',
      '30 s',
      '1:00',
      '2:30',
      '1:00:00',
      '1:05:00',
    ]);
  });
});

describe('grouped', () => {
  it('groups thousands', () => {
    expect([0, 999, 1000, 1234567].map((n) => grouped(n).replaceAll('\u202f', ' '))).toEqual([
      '0',
      '999',
      '1 000',
      '1 234 567',
    ]);
  });
});
