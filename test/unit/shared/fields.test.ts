import { describe, expect, it } from 'vitest';
import { accepts, defineFields, parseValues, readText } from '../../../shared/fields.ts';

const fields = defineFields({
  lambda: { type: 'number', label: 'λ', default: 0.01, min: 0, help: 'h' },
  density: { type: 'number', label: 'ρ', default: 0.1, min: 0, exclusiveMin: true, max: 1, help: 'h' },
  m: { type: 'integer', label: 'm', default: 99, min: 0, help: 'h' },
  widths: { type: 'integers', label: 'w', default: [300, 100], min: 1, help: 'h' },
  kind: {
    type: 'choice',
    label: 'k',
    default: 'er',
    options: [
      { value: 'er', label: 'ER' },
      { value: 'erk', label: 'ERK' },
    ],
    help: 'h',
  },
  nesterov: { type: 'boolean', label: 'n', default: false, help: 'h' },
});

describe('parseValues', () => {
  it('fills in defaults and keeps given values', () => {
    expect(parseValues(fields, { m: 9 }, 'method')).toEqual({
      lambda: 0.01,
      density: 0.1,
      m: 9,
      widths: [300, 100],
      kind: 'er',
      nesterov: false,
    });
  });

  it.each([
    [{ lambda: -1 }, 'method.lambda: -1 is not a number at least 0'],
    [{ lambda: NaN }, 'method.lambda: NaN is not a number at least 0'],
    [{ lambda: Infinity }, 'method.lambda: Infinity is not a number at least 0'],
    [{ lambda: '0.1' }, 'method.lambda: "0.1" is not a number at least 0'],
    [{ density: 0 }, 'method.density: 0 is not a number greater than 0 and at most 1'],
    [{ m: 1.5 }, 'method.m: 1.5 is not an integer at least 0'],
    [{ widths: [300, 0] }, 'method.widths: [300,0] is not a list of integers at least 1'],
    [{ kind: 'erdos' }, 'method.kind: "erdos" is not one of er, erk'],
    [{ nesterov: 1 }, 'method.nesterov: 1 is not true or false'],
    [
      { lamda: 1 },
      'method.lamda: unknown setting (value 1); accepted: lambda, density, m, widths, kind, nesterov',
    ],
  ])('refuses %j by name', (raw, message) => {
    expect(() => parseValues(fields, raw, 'method')).toThrow(message);
  });
});

describe('readText', () => {
  it('reads what a flag carries', () => {
    expect(readText(fields.lambda, '1e-3')).toBe(0.001);
    expect(readText(fields.widths, '300,100')).toEqual([300, 100]);
    expect(readText(fields.widths, '')).toEqual([]);
    expect(readText(fields.nesterov, 'true')).toBe(true);
  });

  it('leaves what it cannot read for parseValues to refuse', () => {
    for (const [key, text] of [
      ['lambda', 'abc'],
      ['lambda', ''],
      ['widths', '3,x'],
      ['nesterov', 'yes'],
    ] as const) {
      expect(() => parseValues(fields, { [key]: readText(fields[key], text) }, 'method')).toThrow(
        `method.${key}`,
      );
    }
  });
});

it('says what a field accepts', () => {
  expect(accepts(fields.density)).toBe('a number greater than 0 and at most 1');
  expect(accepts(fields.kind)).toBe('one of er, erk');
});
