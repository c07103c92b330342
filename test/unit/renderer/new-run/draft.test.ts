import { describe, expect, it } from 'vitest';
import { differences, revert } from '../../../../renderer/views/new-run/difference.ts';
import {
  chooseEntry,
  draftProblems,
  readConfig,
  setValue,
  writeConfig,
} from '../../../../renderer/views/new-run/draft.ts';
import { generatedName } from '../../../../renderer/views/new-run/run-name.ts';
import { catalog } from './catalog.ts';

const read = (raw: Record<string, unknown>) => readConfig(catalog, raw).draft;

describe('readConfig', () => {
  it('takes ids, flat settings and the stored form alike', () => {
    const flat = read({ method: { id: 'rigl', density: 0.05 } });
    expect(read({ method: { id: 'rigl', values: { density: 0.05 } } })).toEqual(flat);
    expect(read({ method: 'rigl' }).values.method).toEqual({
      density: 0.1,
      learningRate: 0.1,
      nesterov: false,
      momentum: 0.9,
    });
  });
  it('names what it does not know and goes on', () => {
    const { draft, unknown } = readConfig(catalog, {
      method: { id: 'rigl', dencity: 1 },
      model: { id: 'transformer' },
      training: { epochs: 3 },
      colour: 'red',
    });
    expect(unknown).toEqual(['model transformer', 'method.dencity', 'colour']);
    expect(draft.values.training.epochs).toBe(3);
    expect(draft.ids.model).toBe('mlp');
  });
  it('survives parts of a wrong kind', () => {
    expect(read({ method: 7, training: null, schedule: [] }).values.schedule).toEqual({ decay: 'cosine' });
  });
});

describe('writeConfig', () => {
  it('writes what differs from the defaults, and reads back the same', () => {
    const raw = { name: 'a', method: { id: 'rigl', density: 0.05 }, training: { seed: 3 } };
    const draft = read(raw);
    const written = writeConfig(catalog, draft);
    expect(written).toEqual({ ...raw, model: { id: 'mlp' }, dataset: { id: 'fashion-mnist-mini' } });
    expect(read(written)).toEqual(draft);
  });
  it('leaves out what is hidden', () => {
    const draft = read({ method: { id: 'rigl', momentum: 0.5 } });
    expect(writeConfig(catalog, draft).method).toEqual({ id: 'rigl' });
    expect(writeConfig(catalog, setValue(draft, 'method', 'nesterov', true)).method).toEqual({
      id: 'rigl',
      nesterov: true,
      momentum: 0.5,
    });
  });
});

describe('chooseEntry', () => {
  it('keeps what was set by hand and the other entry accepts', () => {
    const draft = read({ method: { id: 'rigl', density: 0.05, nesterov: true } });
    const { draft: next, kept } = chooseEntry(catalog, draft, 'method', 'set');
    expect(kept).toEqual(['density']);
    expect(next.values.method).toEqual({ density: 0.05, learningRate: 0.1 });
  });
  it('takes defaults for what was not touched or would be refused', () => {
    const { draft, kept } = chooseEntry(
      catalog,
      read({ method: { id: 'rigl', density: 0.9 } }),
      'method',
      'set',
    );
    expect(kept).toEqual([]);
    expect(draft.values.method.density).toBe(0.2);
  });
});

describe('draftProblems', () => {
  it('names fields in use only', () => {
    const draft = read({ method: { id: 'rigl', density: 0, momentum: 7 }, training: { epochs: 0.5 } });
    expect(Object.keys(draftProblems(catalog, draft))).toEqual(['method.density', 'training.epochs']);
  });
});

describe('differences', () => {
  const parent = read({ method: { id: 'rigl', density: 0.05 }, training: { epochs: 5 } });
  it('lists changed settings with both values and reverts each', () => {
    let draft = setValue(parent, 'method', 'density', 0.1);
    draft = setValue(draft, 'model', 'widths', [300, 100]);
    const found = differences(catalog, parent, draft);
    expect(found.map(({ label, before, after }) => [label, before, after])).toEqual([
      ['Density', '0.05', '0.1'],
      ['Hidden widths', '200, 80', '300, 100'],
    ]);
    const reverted = found.reduce((current, difference) => revert(parent, current, difference), draft);
    expect(reverted).toEqual(parent);
  });
  it('names another method once and not each of its settings; reverting brings the settings back', () => {
    const { draft } = chooseEntry(catalog, parent, 'method', 'adam');
    const found = differences(catalog, parent, draft);
    expect(found).toEqual([
      { group: 'method', key: undefined, label: 'Method', before: 'RigL', after: 'Adam' },
    ]);
    expect(revert(parent, draft, found[0])).toEqual(parent);
  });
  it('does not count fields that are out of use in both', () => {
    expect(differences(catalog, parent, setValue(parent, 'method', 'momentum', 0.1))).toEqual([]);
  });
});

describe('generatedName', () => {
  it('says method, sparsity and data', () => {
    expect(generatedName(catalog, read({ method: { id: 'rigl', density: 0.05 } }))).toBe(
      'RigL, density 0.05 · Fashion-MNIST mini',
    );
    expect(generatedName(catalog, read({ method: 'adam' }))).toBe('Adam · Fashion-MNIST mini');
  });
});
