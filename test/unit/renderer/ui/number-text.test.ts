import { describe, expect, it } from 'vitest';
import { numberText, parseNumber, stepNumber } from '../../../../renderer/ui/number-text.ts';

describe('parseNumber', () => {
  it.each([
    ['', undefined],
    ['   ', undefined],
    ['0', 0],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1,5', 1.5],
    ['0,001', 0.001],
    ['1,000', 1000],
    ['1,234,567.5', 1_234_567.5],
    ['10 000', 10_000],
    ['10_000', 10_000],
    ['1e-3', 0.001],
    ['1E6', 1e6],
    ['-3', -3],
    ['\u22123', -3],
    ['+3', 3],
  ])('%j is %s', (text, value) => expect(parseNumber(text)).toBe(value));

  it.each(['abc', '1.2.3', '1e', '--1', '0x10', 'Infinity', '1,2,3', '%'])('%j is no number', (text) =>
    expect(parseNumber(text)).toBeNaN(),
  );
});

it('writes a number so that it can be read back', () => {
  for (const value of [0, 0.001, 1e-7, 1e21, -2.5, 123456789])
    expect(parseNumber(numberText(value))).toBe(value);
  expect(numberText(undefined)).toBe('');
});

describe('stepNumber', () => {
  it('goes by the step, without binary dust, within the range', () => {
    expect(stepNumber(0.1, 1, { step: 0.2 })).toBe(0.3);
    expect(stepNumber(9, 1, { step: 5, max: 10 })).toBe(10);
    expect(stepNumber(1, -1, { step: 5, min: 0 })).toBe(0);
  });

  it('without a step goes by the size of the number', () => {
    expect(stepNumber(0.001, 1)).toBe(0.002);
    expect(stepNumber(0.003, -1)).toBe(0.002);
    expect(stepNumber(300, 1)).toBe(400);
    expect(stepNumber(0, 1)).toBe(1);
  });

  it('does not fall to zero from a power of ten', () => {
    expect(stepNumber(0.001, -1)).toBe(0.0009);
    expect(stepNumber(100, -1)).toBe(90);
    expect(stepNumber(-100, 1)).toBe(-90);
  });
});
