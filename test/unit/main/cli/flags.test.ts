import { describe, expect, it } from 'vitest';
import { fieldGroups, readFlags } from '../../../../main/cli/flags.ts';

const groups = fieldGroups({ model: 'mlp', dataset: 'fashion-mnist-mini', method: 'ml-linbreg' });
const read = (...tokens: string[]) => readFlags(tokens, groups);

describe('readFlags', () => {
  it('finds the group of each flag', () => {
    expect(read('--lambda', '0.02', '--widths', '300,100', '--epochs=3', '--horizontal-flip')).toEqual({
      method: { lambda: 0.02 },
      model: { widths: [300, 100] },
      training: { epochs: 3 },
      augmentation: { horizontalFlip: true },
    });
  });

  it('takes negative numbers as values and full names always', () => {
    expect(read('--method.lambda', '-1')).toEqual({ method: { lambda: -1 } });
    expect(read('--training.batch-size=64')).toEqual({ training: { batchSize: 64 } });
  });

  it.each([
    [['--lamda', '1'], 'did you mean --lambda?'],
    [['--density', '0.1'], '"--density" is not a flag of this model, data set and method'],
    [['--epochs'], '--epochs needs a value: an integer at least 1 and at most 100000'],
    [['stray'], '"stray" is not a flag'],
  ])('refuses %j', (tokens, message) => {
    expect(() => read(...tokens)).toThrow(message);
  });

  it('means the seed of the run by --seed, not that of a synthetic data set', () => {
    const moons = fieldGroups({ model: 'mlp', dataset: 'two-moons', method: 'sgd' });
    expect(readFlags(['--seed', '4', '--dataset.seed', '5'], moons)).toEqual({
      training: { seed: 4 },
      dataset: { seed: 5 },
    });
  });

  it('asks back when a short name fits two groups', () => {
    const twice = { a: { x: groups.training.seed }, b: { x: groups.training.seed } };
    expect(() => readFlags(['--x', '1'], twice)).toThrow('--x could mean --a.x or --b.x');
    expect(readFlags(['--b.x', '1'], twice)).toEqual({ b: { x: 1 } });
  });
});
