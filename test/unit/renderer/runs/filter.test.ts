import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../../renderer/runs/columns.ts';
import { chosenValues, countValues, toggleValue, withValues } from '../../../../renderer/runs/facets.ts';
import { parseFilter, quote, tokenize } from '../../../../renderer/runs/filter.ts';
import { suggest } from '../../../../renderer/runs/suggest.ts';
import { vocabularyOf } from '../../../../renderer/runs/vocabulary.ts';
import { runRow } from './rows.ts';

const rows = [
  runRow({
    name: 'Sparse LeNet',
    method: 'rigl',
    tags: ['paper', 'two words'],
    starred: true,
    seed: 1,
    settings: { 'method.density': 0.1 },
    metrics: { 'test/accuracy': { last: 0.9, min: 0.1, max: 0.92 }, density: 0.1, 'flops/train': 2e9 },
  }),
  runRow({
    name: 'rigl-itop wide',
    method: 'rigl-itop',
    state: 'failed',
    reason: 'loss became NaN',
    seed: 2,
    settings: { 'method.density': 0.05 },
    metrics: { 'test/accuracy': 0.5, density: 0.05, 'flops/train': 1e9 },
  }),
  runRow({
    name: 'dense',
    method: 'sgd',
    archived: true,
    state: 'running',
    endedMs: undefined,
    createdMs: new Date('2026-11-21T09:00').getTime(),
    seed: 3,
    metrics: { density: NaN },
  }),
];
const vocabulary = vocabularyOf(columnsOf(rows));
const filter = (text: string) => parseFilter(text, vocabulary);
const found = (text: string) => rows.filter(filter(text).test).map(({ seed }) => seed);
const problem = (text: string) =>
  filter(text)
    .problems.map(({ message }) => message)
    .join('; ');

describe('filter language', () => {
  it('looks for free text everywhere, in any case, and needs every word', () => {
    expect(found('')).toEqual([1, 2, 3]);
    expect(found('RIGL')).toEqual([1, 2]);
    expect(found('rigl wide')).toEqual([2]);
    expect(found('"rigl wide"')).toEqual([]);
    expect(found('"sparse lenet"')).toEqual([1]);
    expect(found('paper')).toEqual([1]);
  });

  it('compares enumerated values exactly, with alternatives and wildcards', () => {
    expect(found('method:rigl')).toEqual([1]);
    expect(found('method:RIGL,sgd')).toEqual([1, 3]);
    expect(found('method:rigl*')).toEqual([1, 2]);
    expect(found('method!=rigl')).toEqual([2, 3]);
    expect(found('state:failed')).toEqual([2]);
    expect(found('tag:paper')).toEqual([1]);
    expect(found('tag:"two words"')).toEqual([1]);
    expect(found('tag:two')).toEqual([]);
    expect(found('name:wide')).toEqual([2]);
    expect(found('reason:nan')).toEqual([2]);
  });

  it('takes special characters of patterns literally', () => {
    expect(found('name:.')).toEqual([]);
    expect(found('method:rigl+')).toEqual([]);
    expect(problem('name:(')).toBe('');
  });

  it('compares numbers in the unit of their column', () => {
    expect(found('accuracy>0.88')).toEqual([1]);
    expect(found('accuracy>88%')).toEqual([1]);
    expect(found('test/accuracy.max>=92%')).toEqual([1]);
    expect(found('best<0.9')).toEqual([2]);
    expect(found('method.density<=0.05')).toEqual([2]);
    expect(found('flops/train>1.5G')).toEqual([1]);
    expect(found('seed:1,3')).toEqual([1, 3]);
    expect(found('seed!=1')).toEqual([2, 3]);
    expect(found('duration>=5m duration<301s')).toEqual([1, 2]);
  });

  it('knows days', () => {
    expect(found('created>=2026-11-21')).toEqual([3]);
    expect(found('created:2026-11-21')).toEqual([3]);
    expect(found('created>2026-11-21')).toEqual([]);
    expect(found('created<=2026-11-20')).toEqual([1, 2]);
    expect(found('created<2026-11-21T09:30')).toEqual([1, 2, 3]);
  });

  it('finds no missing value by any comparison, and all of them by turning it round', () => {
    expect(found('accuracy>=0')).toEqual([1, 2]);
    expect(found('accuracy<2%')).toEqual([]);
    expect(found('accuracy!=0.9')).toEqual([2]);
    expect(found('-accuracy>0.6')).toEqual([2, 3]);
    expect(found('density<=1')).toEqual([1, 2]);
    expect(found('has:accuracy')).toEqual([1, 2]);
    expect(found('has:density')).toEqual([1, 2]);
    expect(found('-has:tags')).toEqual([2, 3]);
  });

  it('has flags, and knows when archived runs are spoken of', () => {
    expect(found('starred')).toEqual([1]);
    expect(found('-archived')).toEqual([1, 2]);
    expect(found('live')).toEqual([3]);
    expect(found('"starred"')).toEqual([]);
    expect(filter('archived').wantsArchived).toBe(true);
    expect(filter('-archived x').wantsArchived).toBe(true);
    expect(filter('"archived"').wantsArchived).toBe(false);
  });

  it('says what it does not understand and leaves it out', () => {
    expect(problem('acuracy>0.5')).toBe('nothing is called “acuracy”; did you mean “accuracy”?');
    expect(problem('accuracy>')).toBe('accuracy: here comes a share, as 0.88 or 88%');
    expect(problem('accuracy>88')).toBe('accuracy: 88 is more than everything: write 0.88 or 88%');
    expect(problem('seed>many')).toContain('“many” is not a number');
    expect(problem('duration>5')).toContain('90s, 10m or 2h');
    expect(problem('created>yesterday')).toContain('2026-11-20');
    expect(problem('method>5')).toBe('method is no number: write method:5');
    expect(problem('method:')).toBe('here comes a value of method');
    expect(problem('seed>1,2')).toBe('seed> takes one number');
    expect(problem('name:"open')).toBe('a quotation mark is not closed');
    expect(problem('has:nothing')).toContain('nothing is called “nothing”');
    expect(found('method:rigl acuracy>0.5')).toEqual([1]);
    expect(filter('rigl acuracy>0.5').problems[0]).toMatchObject({ from: 5, to: 16 });
  });

  it('accepts every half-typed text without throwing', () => {
    const whole = '-method:"rigl, \\"x",set accuracy>=88.5% "free text" -starred has:method.density';
    for (let n = 0; n <= whole.length; n++)
      expect(() => filter(whole.slice(0, n)).test(rows[0])).not.toThrow();
    expect(found('-')).toEqual([1, 2, 3]);
  });

  it('writes values so that it reads them back', () => {
    for (const value of ['plain', 'two words', 'a,b', 'say "hi"', 'back\\slash', '']) {
      const [token] = tokenize(`tag:${quote(value)}`);
      expect(token.value).toBe(value);
      expect(token.values).toEqual(value === '' ? [] : [value]);
    }
  });
});

describe('facets', () => {
  it('put values into the filter and take them out again', () => {
    const one = toggleValue('lenet', 'method', 'rigl');
    expect(one).toBe('lenet method:rigl');
    const two = toggleValue(one, 'method', 'two words');
    expect(two).toBe('lenet method:rigl,"two words"');
    expect(chosenValues(two, 'method')).toEqual(['rigl', 'two words']);
    expect(toggleValue(two, 'method', 'rigl')).toBe('lenet method:"two words"');
    expect(withValues(two, 'method', [])).toBe('lenet');
    expect(toggleValue('-method:rigl', 'method', 'sgd')).toBe('-method:rigl method:sgd');
  });

  it('count values, most frequent first', () => {
    expect(countValues(rows, ({ tags }) => tags)).toEqual([
      { value: 'paper', count: 1 },
      { value: 'two words', count: 1 },
    ]);
    expect(countValues([...rows, rows[1]], ({ method }) => [method])[0]).toEqual({
      value: 'rigl-itop',
      count: 2,
    });
  });
});

describe('suggestions', () => {
  const offers = (text: string) => suggest(text, text.length, vocabulary, rows);
  const after = (text: string, label: string) => {
    const { from, to, insert } = offers(text).find((s) => s.label === label)!;
    return text.slice(0, from) + insert + text.slice(to);
  };

  it('complete names with the operator that follows', () => {
    expect(after('acc', 'accuracy')).toBe('accuracy>');
    expect(after('lenet -meth', 'method')).toBe('lenet -method:');
    expect(after('sta', 'starred')).toBe('starred');
    expect(after('has:met', 'method.density')).toBe('has:method.density');
  });

  it('complete values that runs have, one alternative at a time', () => {
    expect(offers('state:').map(({ label }) => label)).toEqual(['failed', 'finished', 'running']);
    expect(after('method:sgd,rigl-', 'rigl-itop')).toBe('method:sgd,rigl-itop');
    expect(offers('method:rigl,').map(({ label }) => label)).toEqual(['rigl-itop', 'sgd']);
    expect(after('tag:two', 'two words')).toBe('tag:"two words"');
  });

  it('offer nothing inside quotes or after a comparison', () => {
    expect(offers('"meth')).toEqual([]);
    expect(offers('accuracy>')).toEqual([]);
  });
});
