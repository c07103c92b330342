import { describe, expect, test } from 'vitest';
import { previewRun, type PreviewSources } from '../../../../main/app/form-preview.ts';
import { datasetById } from '../../../../main/datasets/registry.ts';
import { presets } from '../../../../main/methods/presets.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { UserError } from '../../../../shared/errors.ts';
import { parseValues } from '../../../../shared/fields.ts';

const engine = { title: 'An engine', strength: '', versions: {}, maxThreads: 1 };
const sources: PreviewSources = {
  async outline({ id, values }) {
    const source = datasetById(id);
    const known = source.outline?.(parseValues(source.fields, values, 'dataset'));
    if (!known) throw new UserError('no-data', 'dataset.folder: nothing is there', 'dataset.folder');
    return known;
  },
  engines: async () => [
    { ...engine, id: 'native', available: false, detail: 'no AVX2' },
    { ...engine, id: 'reference', available: true, detail: 'slow' },
  ],
};
const preview = (config: Record<string, unknown>) => previewRun(config, sources);
const network = async (config: Record<string, unknown>) => {
  const { problems, network } = await preview(config);
  expect(problems).toEqual([]);
  return network!;
};
const problems = async (config: Record<string, unknown>) =>
  (await preview(config)).problems.map(({ field }) => field);

const task = {
  model: { id: 'mlp', widths: [200, 80] },
  dataset: 'fashion-mnist',
  training: { epochs: 20, batchSize: 128 },
};

describe('a network', () => {
  test('is counted by hand: 784-200-80-10 at 10 % with RigL', async () => {
    const seen = await network({ ...task, method: { id: 'rigl', density: 0.1, distribution: 'uniform' } });
    expect(seen).toMatchObject({ parameters: 173_890, sparsifiable: 173_600, macs: 173_600 });
    expect(seen).toMatchObject({ stepsPerEpoch: 468, totalSteps: 9360 });
    expect(
      seen.layers.map(({ name, size, sparse, startDensity, endDensity }) => [
        name,
        size,
        sparse,
        startDensity,
        endDensity,
      ]),
    ).toEqual([
      ['fc1.weight', 156_800, true, 0.1, 0.1],
      ['fc2.weight', 16_000, true, 0.1, 0.1],
      ['fc3.weight', 800, true, 0.1, 0.1],
    ]);
    expect(seen.flops.dense).toBeCloseTo(3 * 2 * 173_600 * 128 * 9360, -3);
    expect(seen.flops.percentOfDense).toBeGreaterThan(10);
    expect(seen.flops.percentOfDense).toBeLessThan(10.3);
    expect(seen.flops.assumption).toBe('');
    expect(seen.bytes).toEqual({
      dense: 4 * 173_890,
      sparse: 8 * 17_360 + 4 * (200 + 80 + 10 + 3) + 4 * 290,
    });
  });

  test('dense training is 100 %, and nothing is sparse', async () => {
    const seen = await network({ ...task, method: 'sgd' });
    expect(seen.flops.percentOfDense).toBe(100);
    expect(seen.flops.expected).toBe(seen.flops.dense);
    expect(seen.sparsifiable).toBe(0);
    expect(seen.layers.every(({ sparse, endDensity }) => !sparse && endDensity === 1)).toBe(true);
    expect(seen.bytes.sparse).toBe(seen.bytes.dense);
  });

  test('an end that training decides is NaN, and what was assumed is said', async () => {
    const seen = await network({ ...task, method: { id: 'ml-linbreg', initialDensity: 0.05 } });
    expect(seen.layers.map((layer) => layer.endDensity)).toEqual([NaN, NaN, NaN]);
    expect(seen.flops.assumption).toContain('initial 5 %');
  });

  test('layers that are kept dense or set one by one', async () => {
    const method = { id: 'static', density: 0.1, distribution: 'uniform', layerDensities: 'fc2.weight=0.5' };
    const seen = await network({ ...task, method, training: { keepDense: 'last' } });
    expect(seen.layers.map((layer) => layer.startDensity)).toEqual([0.1, 0.5, 1]);
    expect(seen.layers.map((layer) => layer.sparse)).toEqual([true, true, false]);
  });

  test.each(presets.map(({ id, config }) => [id, config] as const))(
    'of preset %s has no problem',
    async (_, config) => {
      expect((await network(config)).flops.percentOfDense).toBeGreaterThan(0);
    },
  );
});

describe('problems', () => {
  test('are all found at once, each by its field', async () => {
    expect(
      await problems({
        bogus: 1,
        name: 7,
        model: { id: 'mlp', widths: [0], depth: 3 },
        method: { id: 'rigl', density: 7, updateInterval: 'often' },
        training: { epochs: 0, batchSize: null },
        schedule: 3,
      }),
    ).toEqual([
      'bogus',
      'name',
      'model.depth',
      'model.widths',
      'method.density',
      'method.updateInterval',
      'training.epochs',
      'training.batchSize',
      'schedule',
    ]);
  });

  test('of values in the stored form, { id, values }', async () => {
    expect(await problems({ method: { id: 'rigl', values: { density: 2, dropFraction: -1 } } })).toEqual([
      'method.density',
      'method.dropFraction',
    ]);
    expect(await problems({ method: { id: 'rigl', values: 3 } })).toEqual(['method.values']);
  });

  test.each([
    [{ method: 'no-such' }, 'method.id'],
    [{ model: { id: 'no-such' } }, 'model.id'],
    [{ dataset: { id: 7 } }, 'dataset.id'],
    [{ version: 2 }, 'version'],
    [{ method: null }, 'method'],
    [{ training: [] }, 'training'],
    [{ dataset: 'csv' }, 'dataset.folder'],
    [{ model: 'resnet18', dataset: 'two-moons' }, 'model.id'],
    [{ training: { batchSize: 16384 } }, 'training.batchSize'],
    [{ model: { id: 'mlp', widths: [] }, training: { keepDense: 'first' } }, 'training.keepDense'],
    [{ method: { id: 'gmp', pruningStart: 0.9 } }, 'method.pruningStart'],
    [{ method: { id: 'rigl', density: 1e-6 } }, 'method.density'],
    [{ method: { id: 'rigl', layerDensities: 'fc9.weight=0.1' } }, 'method.layerDensities'],
    [{ method: { id: 'rigl', layerDensities: 'fc1.weight' } }, 'method.layerDensities'],
  ])('%o', async (config, field) => {
    const seen = await preview(config);
    expect(seen.problems.map((problem) => problem.field)).toEqual([field]);
    expect(seen.network).toBeUndefined();
  });

  test('that say nothing about the network leave it visible', async () => {
    const seen = await preview({ ...task, schedule: { decay: 'never' }, engine: { backend: 'native' } });
    expect(seen.problems.map((problem) => problem.field)).toEqual(['schedule.decay', 'engine.backend']);
    expect(seen.problems[1].message).toContain('native cannot run here: no AVX2; accepted: auto, reference');
    expect(seen.network?.parameters).toBe(173_890);
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    '%s is an unknown setting like any other',
    async (key) => {
      const config = JSON.parse(`{"${key}": 1, "method": {"id": "rigl", "${key}": 1}}`) as Record<
        string,
        unknown
      >;
      expect(await problems(config)).toEqual([key, `method.${key}`]);
    },
  );
});

test('typing in a large config is followed at once', async () => {
  const config = { model: 'resnet18', dataset: 'cifar10', method: 'rigl', training: { epochs: 200 } };
  await preview(config);
  const started = performance.now();
  for (let i = 0; i < 5; i++) await preview(config);
  // Under 20 ms each on an idle machine; the bound is loose for a busy one.
  expect((performance.now() - started) / 5).toBeLessThan(300);
});

test('weights to start from must be of the same layers', async () => {
  const method = { id: 'rigl', density: 0.1 };
  const parent = parseRunConfig({ ...task, method });
  const started = async (model: Record<string, unknown>) =>
    (await previewRun({ ...task, method, model }, sources, parent)).problems;
  expect(await started(task.model)).toEqual([]);
  const [problem, ...more] = await started({ id: 'mlp', widths: [200, 60] });
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ code: 'bad-checkpoint', field: 'model.id' });
  expect(problem.message).toContain('fc2.weight 60×200');
  expect(await started({ id: 'mlp', widths: [200] })).toHaveLength(1);
});

test('weights of a run whose data is gone are judged when the new run starts, not before', async () => {
  const method = { id: 'rigl', density: 0.1 };
  const gone = parseRunConfig({ ...task, method, dataset: { id: 'csv', folder: 'gone' } });
  const { problems, network } = await previewRun({ ...task, method }, sources, gone);
  expect(problems).toEqual([]);
  expect(network).toBeDefined();
});
