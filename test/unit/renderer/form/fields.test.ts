import { describe, expect, it } from 'vitest';
import type { NumberField } from '../../../../shared/fields.ts';
import { defineFields } from '../../../../shared/fields.ts';
import { readIntegers } from '../../../../renderer/form/integers.ts';
import { paperLink } from '../../../../renderer/form/paper-link.ts';
import { fieldProblem } from '../../../../renderer/form/problem.ts';
import { sameValue, showValue } from '../../../../renderer/form/same.ts';
import { scaleOf } from '../../../../renderer/form/scale.ts';
import { isVisible, matchesSearch, visibleFields } from '../../../../renderer/form/visible.ts';

const number = (field: Partial<NumberField>): NumberField => ({
  type: 'number',
  label: 'λ',
  help: '',
  default: 0.01,
  ...field,
});

describe('fieldProblem', () => {
  const rate = number({ min: 0, max: 100, exclusiveMin: true });
  it('accepts what the host accepts and says what would be accepted otherwise', () => {
    expect(fieldProblem(rate, 0.3)).toBeUndefined();
    expect(fieldProblem(rate, 0)).toBe('Enter a number greater than 0 and at most 100.');
    expect(fieldProblem(rate, 101)).toContain('at most 100');
    expect(fieldProblem({ ...rate, type: 'integer' }, 1.5)).toContain('an integer');
  });
  it('refuses an empty entry, for which parseValues alone would take the default', () => {
    expect(fieldProblem(rate, undefined)).toContain('Enter a number');
    expect(fieldProblem(rate, NaN)).toContain('Enter a number');
  });
});

describe('visibility', () => {
  const fields = defineFields({
    optimizer: {
      type: 'choice',
      label: 'Optimiser',
      help: '',
      default: 'sgd',
      options: [
        { value: 'sgd', label: 'SGD' },
        { value: 'adam', label: 'Adam' },
      ],
    },
    nesterov: {
      type: 'boolean',
      label: 'Nesterov',
      help: '',
      default: false,
      visibleWhen: { field: 'optimizer', is: ['sgd'] },
    },
    ahead: {
      type: 'number',
      label: 'Ahead',
      help: 'looks ahead',
      default: 1,
      visibleWhen: { field: 'nesterov', is: [true] },
    },
  });
  it('follows its condition, through hidden fields too', () => {
    const keys = (values: object) => visibleFields(fields, values as never).map(([key]) => key);
    expect(keys({ optimizer: 'sgd', nesterov: true })).toEqual(['optimizer', 'nesterov', 'ahead']);
    expect(keys({ optimizer: 'sgd', nesterov: false })).toEqual(['optimizer', 'nesterov']);
    expect(keys({ optimizer: 'adam', nesterov: true })).toEqual(['optimizer']);
    expect(isVisible(fields, 'ahead', { optimizer: 'adam', nesterov: true })).toBe(false);
  });
  it('finds a field by every word of its path, label or help', () => {
    expect(matchesSearch('AHEAD looks', 'method.ahead', fields.ahead)).toBe(true);
    expect(matchesSearch('method.nest', 'method.nesterov', fields.nesterov)).toBe(true);
    expect(matchesSearch('ahead away', 'method.ahead', fields.ahead)).toBe(false);
  });
});

describe('scaleOf', () => {
  it('covers three decades around the default of a logarithmic field, within its range', () => {
    const scale = scaleOf(number({ scale: 'log', min: 0, max: 1000, default: 0.01, exclusiveMin: true }))!;
    expect(scale.valueAt(0)).toBe(1e-5);
    expect(scale.valueAt(scale.steps)).toBe(10);
    expect(scale.valueAt(scale.positionOf(0.01))).toBe(0.01);
  });
  it('begins with 0 where the field takes it', () => {
    const scale = scaleOf(number({ scale: 'log', min: 0, max: 1, default: 5e-4 }))!;
    expect(scale.valueAt(0)).toBe(0);
    expect(scale.positionOf(0)).toBe(0);
    expect(scale.valueAt(1)).toBeGreaterThan(0);
    expect(scale.positionOf(1e-12)).toBe(1);
  });
  it('finds its way back from every position', () => {
    for (const field of [
      number({ scale: 'log', min: 0, max: 100, default: 0.3, exclusiveMin: true }),
      number({ min: 0, max: 1, default: 0.1 }),
      number({ type: 'integer', min: 1, max: 64, default: 4 }),
    ]) {
      const scale = scaleOf(field)!;
      for (let position = 0; position <= scale.steps; position++) {
        const value = scale.valueAt(position);
        expect(fieldProblem(field, value)).toBeUndefined();
        expect(scale.valueAt(scale.positionOf(value))).toBe(value);
      }
    }
  });
  it('never offers an excluded bound', () => {
    const scale = scaleOf(number({ min: 0, max: 1, exclusiveMin: true, exclusiveMax: true }))!;
    expect(scale.valueAt(0)).toBeGreaterThan(0);
    expect(scale.valueAt(scale.steps)).toBeLessThan(1);
  });
  it('keeps values beyond its ends at its ends and takes wide integers logarithmically', () => {
    const scale = scaleOf(number({ type: 'integer', min: 1, max: 100_000, default: 20 }))!;
    expect(scale.valueAt(0)).toBe(1);
    expect(scale.valueAt(scale.steps)).toBe(20_000);
    expect(scale.positionOf(90_000)).toBe(scale.steps);
  });
  it('is not there for a seed or without an upper bound', () => {
    expect(scaleOf(number({ type: 'integer', min: 0, max: 4294967295, default: 0 }))).toBeUndefined();
    expect(scaleOf(number({ min: 0 }))).toBeUndefined();
  });
});

describe('texts', () => {
  it('reads lists of integers as people write them', () => {
    expect(readIntegers('300, 100 10')).toEqual([300, 100, 10]);
    expect(readIntegers('')).toEqual([]);
    expect(readIntegers('300, x')).toBeUndefined();
  });
  it('links arXiv references only', () => {
    expect(paperLink('Evci et al.; arXiv 1911.11134, Section 3')).toBe('https://arxiv.org/abs/1911.11134');
    expect(paperLink('JMLR 23(192)')).toBeUndefined();
  });
  it('compares and shows lists', () => {
    expect(sameValue([1, 2], [1, 2])).toBe(true);
    expect(sameValue([1, 2], [2, 1])).toBe(false);
    expect(sameValue(1, '1')).toBe(false);
    expect(showValue([300, 100])).toBe('300, 100');
    expect(showValue([])).toBe('none');
    expect(showValue('')).toBe('empty');
  });
});
