import { describe, expect, it } from 'vitest';
import { readDensities, writeDensities } from '../../../shared/densities.ts';
import { accepts, parseValues } from '../../../shared/fields.ts';

const field = { type: 'densities', label: 'Density per layer', default: '', help: 'h' } as const;

describe('densities by layer', () => {
  it('are read with or without spaces, and written back', () => {
    const densities = readDensities(' fc1.weight = 0.05, fc2.weight=1 ')!;
    expect([...densities]).toEqual([
      ['fc1.weight', 0.05],
      ['fc2.weight', 1],
    ]);
    expect(writeDensities(densities)).toBe('fc1.weight=0.05,fc2.weight=1');
    expect(readDensities(writeDensities(densities))).toEqual(densities);
  });

  it('are none for an empty text', () => {
    expect(readDensities('')!.size).toBe(0);
    expect(writeDensities(new Map())).toBe('');
  });

  it.each([
    'fc1.weight',
    'fc1.weight=',
    '=0.1',
    'fc1.weight=0',
    'fc1.weight=1.01',
    'fc1.weight=NaN',
    'a=0.1,',
    'a=0.1,a=0.2',
  ])('%s is refused, and the message says what would be accepted', (text) => {
    expect(readDensities(text)).toBeUndefined();
    expect(() => parseValues({ layers: field }, { layers: text }, 'method')).toThrow(
      `method.layers: ${JSON.stringify(text)} is not ${accepts(field)}`,
    );
  });

  it('are a text setting for everything else', () => {
    expect(parseValues({ layers: field }, {}, 'method').layers).toBe('');
    expect(() => parseValues({ layers: field }, { layers: 3 }, 'method')).toThrow(
      '3 is not densities by layer',
    );
  });
});
