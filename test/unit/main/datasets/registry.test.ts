import { expect, test } from 'vitest';
import { datasetById, datasets } from '../../../../main/datasets/registry.ts';
import { accepts, parseValues } from '../../../../shared/fields.ts';
import { load } from './helpers.ts';

test('ids are unique and found again', () => {
  expect(new Set(datasets.map((source) => source.id)).size).toBe(datasets.length);
  for (const source of datasets) expect(datasetById(source.id)).toBe(source);
});

test('an unknown id is refused with the list of ids', () => {
  expect(() => datasetById('imagenet')).toThrow(
    'dataset.id: "imagenet" is not a data set; expected one of fashion-mnist-mini, fashion-mnist, mnist, kmnist,',
  );
});

test.each(datasets.map((source) => [source.id, source] as const))(
  '%s: its own defaults are valid',
  (_, source) => {
    const values = parseValues(source.fields, {}, 'dataset');
    expect(parseValues(source.fields, values, 'dataset')).toEqual(values);
    for (const field of Object.values(source.fields)) expect(accepts(field)).not.toBe('');
    if ('folder' in source.fields) expect(Object.keys(source.fields)[0]).toBe('folder');
  },
);

test('the embedded data needs neither folder nor network and is what its outline says', async () => {
  const source = datasetById('fashion-mnist-mini');
  const dataset = await load(source, {});
  expect(source.outline!({})).toEqual({
    shape: dataset.shape,
    classes: dataset.classNames.length,
    trainCount: dataset.train.count,
    testCount: dataset.test.count,
  });
  for (const [split, perClass] of [
    [dataset.train, 1000],
    [dataset.test, 200],
  ] as const) {
    for (let label = 0; label < 10; label++) {
      expect(split.labels.filter((l) => l === label)).toHaveLength(perClass);
    }
  }
});
