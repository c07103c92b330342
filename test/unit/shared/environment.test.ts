import { expect, test } from 'vitest';
import { environmentRows } from '../../../shared/environment.ts';

test('an environment reads as labels and texts, what is empty left out, what is unknown under its own name', () => {
  const rows = environmentRows({
    planet: 'Earth',
    commandLine: 'filigree quickstart',
    dirty: false,
    engineVersions: { TensorFlow: '2.21.0', oneDNN: '3.7' },
    device: undefined,
    threads: 2,
  });
  expect(rows).toEqual([
    ['Uncommitted changes', 'no'],
    ['Versions of the engine', 'TensorFlow 2.21.0, oneDNN 3.7'],
    ['Threads', '2'],
    ['Started by', 'filigree quickstart'],
    ['planet', 'Earth'],
  ]);
  expect(environmentRows({ engineVersions: {} })).toEqual([]);
});
