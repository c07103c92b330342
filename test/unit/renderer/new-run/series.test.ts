import { describe, expect, it } from 'vitest';
import type { PresetEntry } from '../../../../shared/catalog.ts';
import { trainCommand } from '../../../../shared/train-command.ts';
import { readConfig } from '../../../../renderer/views/new-run/draft.ts';
import { expectationText } from '../../../../renderer/views/new-run/expectation.ts';
import { expandSeries, readVaried } from '../../../../renderer/views/new-run/series.ts';
import { catalog } from './catalog.ts';

const { draft } = readConfig(catalog, { method: 'rigl', training: { seed: 4 } });

describe('expandSeries', () => {
  it('leaves a single run as it is', () => {
    expect(expandSeries(draft, () => 'a', { seeds: 1, vary: undefined })).toEqual([{ ...draft, name: 'a' }]);
  });
  it('makes every combination, with consecutive seeds and telling names', () => {
    const vary = { group: 'method' as const, key: 'density', values: [0.05, 0.1] };
    const runs = expandSeries(draft, () => 'a', { seeds: 2, vary });
    expect(runs.map((run) => run.name)).toEqual([
      'a · density 0.05 · seed 4',
      'a · density 0.05 · seed 5',
      'a · density 0.1 · seed 4',
      'a · density 0.1 · seed 5',
    ]);
    expect(runs.map((run) => [run.values.method.density, run.values.training.seed])).toEqual([
      [0.05, 4],
      [0.05, 5],
      [0.1, 4],
      [0.1, 5],
    ]);
  });
  it('does not name what was varied twice', () => {
    const vary = { group: 'method' as const, key: 'density', values: [0.05, 0.1] };
    const runs = expandSeries(draft, ({ values }) => `density ${values.method.density}`, { seeds: 1, vary });
    expect(runs.map((run) => run.name)).toEqual(['density 0.05', 'density 0.1']);
  });
});

describe('readVaried', () => {
  const field = catalog.methods[0].fields.density;
  it('reads values once each', () => {
    expect(readVaried(field, '0.1, 0.05 0.1')).toEqual({ values: [0.1, 0.05] });
  });
  it('names the first value that cannot be used', () => {
    expect(readVaried(field, '0.1, x')).toEqual({
      problem: 'x: Enter a number greater than 0 and at most 1.',
    });
    expect(readVaried(field, '0.1, 2')).toHaveProperty('problem');
    expect(readVaried(field, ' ')).toHaveProperty('problem');
  });
});

describe('trainCommand', () => {
  it('quotes what a shell would read something into', () => {
    const command = trainCommand({
      name: "it's a test",
      method: { id: 'rigl', density: 0.05 },
      model: { id: 'mlp', widths: [300, 100] },
      dataset: { id: 'csv', folder: '/data/my table' },
      training: { batchSize: 64 },
    });
    expect(command).toBe(
      String.raw`filigree train --method rigl --model mlp --dataset csv --name='it'\''s a test' --method.density=0.05 ` +
        `--model.widths=300,100 --dataset.folder='/data/my table' --training.batch-size=64`,
    );
  });
});

describe('expectationText', () => {
  const of = (expect: PresetEntry['expect']) => expectationText({ ...catalog.presets[0], expect });
  it('states accuracy and what it costs', () => {
    expect(of({ accuracyMin: 88, flopsMax: 12 })).toBe('≥ 88.0 % at ≤ 12 % FLOPs');
    expect(of({ accuracyMin: 88.2, nonzeroMin: 9.5, nonzeroMax: 10.5 })).toBe(
      '≥ 88.2 % at 9.5–10.5 % weights',
    );
    expect(of({ accuracyMin: 88, nonzeroMin: 9.999, nonzeroMax: 10.001, flopsMax: 10.3 })).toBe(
      '≥ 88.0 % at 10 % weights, ≤ 10.3 % FLOPs',
    );
    expect(of({ accuracyMin: 98, nonzeroMin: 99.999, nonzeroMax: 100.001, flopsMax: 100.001 })).toBe(
      '≥ 98.0 %',
    );
    expect(of(undefined)).toBe('');
  });
});
