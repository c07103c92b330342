import { describe, expect, test } from 'vitest';
import type {
  Backend,
  Batch,
  CompileOptions,
  Network,
  Slot,
  TrainOptions,
} from '../../../../main/backends/backend.ts';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import type { Graph, Shape } from '../../../../main/models/graph.ts';
import { modelById } from '../../../../main/models/registry.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { Random } from '../../../../shared/random.ts';
import { compiledBackends } from '../../../support/backends.ts';
import { expectClose } from '../../../support/close.ts';
import { everyOperation, perceptron, pooledPixels, singleWeight } from '../../../support/graphs.ts';
import {
  maskAll,
  normals,
  randomBatch,
  randomNetwork,
  readAll,
  weightsOf,
  type Setup,
} from '../../../support/networks.ts';
import { l1, plainRules, regularizedRules, regularizers } from '../../../support/rules.ts';

/** Single precision against double, relative to each tensor's scale. */
const tolerance = 1e-5;
/**
 * Gradients of whole models, where rounding passes through up to twenty layers and batch norms over few numbers: storing
 * activations in single precision alone costs as much (2e-5 to 5e-5 on ResNet-20, in double precision between them).
 */
const deepTolerance = 5e-5;
/**
 * The same for TensorFlow, whose sums run in single precision from the first term to the last: 2e-5 to 7e-5 were measured
 * on ResNet-20, up to 3.7e-4 on narrow VGG-16, whose last batch norms are over few and nearly equal numbers.
 */
const sequentialTolerance = (id: string) => (id === 'resnet20' ? 1e-4 : 5e-4);

const graphs: Record<string, () => Graph> = { perceptron, everyOperation };
const densities = [1, 0.5, 0.1, 0.01];
const states: Slot[] = ['momentum', 'dual', 'moment1', 'moment2', 'updates'];

/** A loss is a difference of logits of magnitude one or more, and no more exact than they are. */
function expectSameLoss(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, expected));
}

/** The graph with its normalisation made for pixels of 0 to 255. */
function forBytes(graph: Graph): Graph {
  const { shape } = graph.input;
  const perChannel = (value: number) => Array.from({ length: shape[0] }, (_, c) => value * (1 + 0.1 * c));
  return { ...graph, input: { shape, scale: perChannel(1 / 64), shift: perChannel(-2) } };
}

describe.each(compiledBackends())('$id agrees with the reference', (backend) => {
  async function pair(graph: Graph, setup: Setup = {}): Promise<{ own: Network; oracle: Network }> {
    return {
      own: await randomNetwork(backend, graph, setup),
      oracle: await randomNetwork(referenceBackend, graph, setup),
    };
  }

  async function expectSame(own: Network, oracle: Network, slot: Slot, within = tolerance): Promise<void> {
    for (const [name, expected] of await readAll(oracle, slot)) {
      expectClose(await own.read(name, slot), expected, within, `${name} ${slot}`);
    }
  }

  async function expectSameBuffers(own: Network, oracle: Network, within = tolerance): Promise<void> {
    for (const { name } of oracle.buffers) {
      expectClose(await own.read(name, 'value'), await oracle.read(name, 'value'), within, name);
    }
  }

  async function expectSameStep(
    own: Network,
    oracle: Network,
    batch: Batch,
    options: TrainOptions,
    within = { gradients: tolerance, statistics: tolerance },
  ): Promise<void> {
    const [a, b] = [await own.trainStep(batch, options), await oracle.trainStep(batch, options)];
    expectSameLoss(a.loss, b.loss);
    expect(a.correct).toBe(b.correct);
    await expectSame(own, oracle, 'gradient', within.gradients);
    expectClose([await own.gradientNorm()], [await oracle.gradientNorm()], within.gradients, 'gradient norm');
    await expectSameBuffers(own, oracle, within.statistics);
  }

  /** ‖g − g*‖ / ‖g*‖ of the gradient of all parameters as one vector. */
  async function gradientError(own: Network, oracle: Network): Promise<number> {
    let [difference, norm] = [0, 0];
    for (const [name, expected] of await readAll(oracle, 'gradient')) {
      const found = await own.read(name, 'gradient');
      for (const [i, g] of expected.entries()) {
        difference += (found[i] - g) ** 2;
        norm += g ** 2;
      }
    }
    return Math.sqrt(difference / norm);
  }

  describe.each(Object.entries(graphs))('%s', (_, build) => {
    const graph = build();

    describe.each(['sparse', 'dense'] as const)('%s execution', (execution) => {
      test.each(densities)('loss, gradients and statistics at density %f', async (density) => {
        const { own, oracle } = await pair(graph, { density, execution });
        for (const gradients of ['dense', 'support'] as const) {
          const options = { gradients, labelSmoothing: 0.1, dropoutSeed: 0xdeadbeef };
          await expectSameStep(own, oracle, randomBatch(graph, 8, 3), options);
          await expectSameStep(own, oracle, randomBatch(graph, 8, 4), { ...options, accumulate: true });
        }
      });
    });

    test.each(['float', 'byte'] as const)(
      'logits and evaluation of %s samples, partial batches included',
      async (kind) => {
        const { own, oracle } = await pair(kind === 'byte' ? forBytes(graph) : graph, {
          density: 0.5,
          maxBatch: 21,
        });
        for (const size of [21, 16, 5, 1]) {
          const batch = randomBatch(graph, size, size, kind);
          expectClose(await own.logits(batch), await oracle.logits(batch), tolerance, `logits of ${size}`);
          const [a, b] = [await own.evaluate(batch), await oracle.evaluate(batch)];
          expectSameLoss(a.lossSum, b.lossSum);
          expect(a.correct).toBe(b.correct);
        }
      },
    );

    test('a partial batch after a full one', async () => {
      const { own, oracle } = await pair(graph, { density: 0.5, maxBatch: 21 });
      await expectSameStep(own, oracle, randomBatch(graph, 21), { gradients: 'dense' });
      await expectSameStep(own, oracle, randomBatch(graph, 5), { gradients: 'dense' });
      await expectSameStep(own, oracle, randomBatch(graph, 18), { gradients: 'support' });
    });
  });

  test.each([
    { shape: [1, 6, 8], window: { kernel: 2, stride: 2, padding: 0 } },
    { shape: [1, 7, 6], window: { kernel: 3, stride: 2, padding: 1 } },
    { shape: [1, 8, 9], window: { kernel: 3, stride: 3, padding: 1 } },
    { shape: [1, 7, 9], window: { kernel: 2, stride: 2, padding: 0 } },
  ] as const)('of equal maxima the first takes the gradient ($window over $shape)', async (pooled) => {
    const graph = pooledPixels(pooled.shape, pooled.window);
    const { own, oracle } = await pair(graph);
    // All pixels become the bias; the weight's gradient tells which of them were chosen.
    for (const network of [own, oracle]) await network.write('conv.weight', 'value', new Float32Array(2));
    await expectSameStep(own, oracle, randomBatch(graph, 8), { gradients: 'dense' });
  });

  const ruled = [
    ...Object.entries(plainRules).map(([name, rule]) => ({ name, rule })),
    ...regularizers.flatMap((regularizer) =>
      Object.entries(regularizedRules(regularizer)).map(([name, rule]) => ({
        name: `${name} with ${regularizer.kind}`,
        rule,
      })),
    ),
  ];
  const shapes = [
    [13, 37],
    [5, 3, 3, 3],
    [6, 7, 1, 1],
  ];

  describe.each(shapes.map((shape) => ({ shape })))('on a weight of $shape', ({ shape }) => {
    describe.each(ruled)('$name', ({ rule }) => {
      test.each([
        { scope: 'support', reselect: false },
        { scope: 'support', reselect: true },
        { scope: 'all', reselect: false },
        { scope: 'all', reselect: true },
      ] as const)('scope $scope, reselect $reselect', async (options) => {
        const { own, oracle } = await pair(singleWeight(shape), { density: 0.6 });
        const name = 'layer.weight';
        const random = new Random(17);
        const size = shape.reduce((a, b) => a * b, 1);
        const dual = normals(size, random, 0.3);
        for (const network of [own, oracle]) await network.write(name, 'dual', dual);
        for (let step = 0; step < 3; step++) {
          const gradient = normals(size, random);
          for (const network of [own, oracle]) {
            await network.write(name, 'gradient', gradient);
            await network.applyUpdate(rule, { ...options, gradientScale: 0.7 });
          }
          for (const slot of ['value', ...states] as const) await expectSame(own, oracle, slot);
          expect(await own.readMask(name)).toEqual(await oracle.readMask(name));
          expect(own.activeCount(name)).toBe(oracle.activeCount(name));
        }
        expect(own.usedSlots()).toEqual(oracle.usedSlots());
      });
    });
  });

  test('coordinates that joined late have their own bias correction', async () => {
    const { own, oracle } = await pair(singleWeight([9, 20]), { density: 0.5 });
    const rule = regularizedRules(l1).adabreg;
    for (let step = 0; step < 6; step++) {
      const gradient = normals(180, new Random(step));
      for (const network of [own, oracle]) {
        await network.write('layer.weight', 'gradient', gradient);
        await network.applyUpdate(rule, step % 3 ? { scope: 'support' } : { scope: 'all', reselect: true });
      }
    }
    const updates = await own.read('layer.weight', 'updates');
    expect(new Set(updates).size).toBeGreaterThan(1);
    for (const slot of ['value', ...states] as const) await expectSame(own, oracle, slot);
  });

  test.each([0, 3, 300, 1e6])('corrects the bias of moments that were updated %d times', async (updates) => {
    const graph = singleWeight([4, 5]);
    const rule = {
      kind: 'adam',
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      decoupled: false,
    } as const;
    const values = await Promise.all(
      [backend, referenceBackend].map(async (b) => {
        const network = await randomNetwork(b, graph);
        // Counts that differ within a row take another path than equal ones.
        for (const counts of [
          Array(20).fill(updates),
          Array.from({ length: 20 }, (_, i) => updates + (i % 3)),
        ]) {
          await network.write('layer.weight', 'updates', Float32Array.from(counts));
          await network.write('layer.weight', 'gradient', normals(20, new Random(1)));
          await network.applyUpdate(rule, { scope: 'all' });
        }
        return network.read('layer.weight', 'value');
      }),
    );
    expectClose(values[0], values[1], 1e-6, 'value');
  });

  test.each(Object.keys(graphs))('ten steps of a multilevel run of %s', async (name) => {
    const graph = graphs[name]();
    const { own, oracle } = await pair(graph, { density: 0.3 });
    const rule = { kind: 'linbreg', learningRate: 0.1, delta: 1, momentum: 0, regularizer: l1 } as const;
    for (const network of [own, oracle]) {
      for (const parameter of network.parameters.filter((p) => p.sparse)) {
        const theta = await network.read(parameter.name, 'value');
        await network.write(
          parameter.name,
          'dual',
          theta.map((v) => v + l1.lambda * Math.sign(v)),
        );
      }
    }
    for (let step = 0; step < 10; step++) {
      const fine = step % 5 === 0;
      for (const network of [own, oracle]) {
        await network.trainStep(randomBatch(graph, 8, step), {
          gradients: fine ? 'dense' : 'support',
          dropoutSeed: step,
        });
        await network.applyUpdate(rule, fine ? { scope: 'all', reselect: true } : { scope: 'support' });
      }
    }
    // Rounding has had ten steps to spread.
    await expectSame(own, oracle, 'value', 10 * tolerance);
    await expectSame(own, oracle, 'dual', 10 * tolerance);
    await expectSameBuffers(own, oracle);
  });

  test.each([1, 2, 3, 4])('steps of every kind in any order (seed %i)', async (seed) => {
    const graph = perceptron();
    const { own, oracle } = await pair(graph, { density: 0.5 });
    const random = new Random(seed);
    const pick = <V>(values: readonly V[]): V => values[random.below(values.length)];
    const sometimes = () => random.below(3) === 0;
    const sgd = {
      kind: 'sgd',
      learningRate: 0.1,
      momentum: 0.9,
      nesterov: false,
      weightDecay: 0.01,
    } as const;
    const { proxsgd, linbreg, 'linbreg with momentum': heavy } = regularizedRules(l1);
    // Not those by Adam's moments: where a gradient is nearly 0 its rounding would decide the direction of a step.
    const rules = [plainRules.sgd, sgd, { ...sgd, nesterov: true }, proxsgd, linbreg, heavy];

    /** The calls of one step; masks change before the update or between steps. */
    function nextStep(): ((network: Network) => Promise<unknown>)[] {
      const gradients = pick(['support', 'dense'] as const);
      const batch = randomBatch(graph, 8, random.uint32());
      const rule = pick(rules);
      const scope = gradients === 'dense' && sometimes() ? 'all' : 'support';
      const reselect = sometimes();
      const density = random.uniform();
      const maskSeed = random.uint32();
      const momentum = normals(23 * 37, random);
      const pass = (accumulate: boolean) => (n: Network) => n.trainStep(batch, { gradients, accumulate });
      const drawMasks = (n: Network) => maskAll(n, density, new Random(maskSeed));
      const calls = [pass(false), ...(sometimes() ? [pass(true)] : []), ...(sometimes() ? [drawMasks] : [])];
      calls.push((n) => n.applyUpdate(rule, { scope, reselect }));
      if (sometimes()) calls.push((n) => n.write('fc1.weight', 'momentum', momentum));
      if (sometimes()) calls.push((n) => n.reselect());
      return calls;
    }

    for (let step = 0; step < 30; step++) {
      for (const call of nextStep()) for (const network of [own, oracle]) await call(network);
      for (const slot of ['value', 'momentum', 'dual'] as const) await expectSame(own, oracle, slot, 1e-4);
      for (const { name } of own.parameters) {
        const what = `mask of ${name} after step ${step}`;
        expect(await own.readMask(name), what).toEqual(await oracle.readMask(name));
        expect(own.activeCount(name), what).toBe(oracle.activeCount(name));
      }
    }
  });

  const narrow: { id: string; values: Record<string, unknown>; shape: Shape }[] = [
    { id: 'mlp', values: { widths: [300, 130] }, shape: [1, 28, 28] },
    { id: 'lenet5', values: {}, shape: [1, 28, 28] },
    { id: 'convnet', values: { widths: [9, 20] }, shape: [3, 19, 33] },
    { id: 'vgg16', values: { width: 3 }, shape: [3, 32, 32] },
    { id: 'resnet20', values: {}, shape: [3, 16, 16] },
    { id: 'resnet18', values: { width: 5 }, shape: [3, 16, 16] },
    { id: 'wideresnet', values: { depth: 10, widening: 1, dropout: 0.3 }, shape: [1, 14, 10] },
  ];

  test.each(narrow.flatMap((model) => [1, 0.1].map((density) => ({ ...model, density }))))(
    'a step of $id $values at density $density',
    async ({ id, values, shape, density }) => {
      const model = modelById(id);
      const graph = forBytes(
        model.build(parseValues(model.fields, values, 'model'), { shape, scale: [], shift: [] }, 10),
      );
      const { own, oracle } = await pair(graph, { density, maxBatch: 4 });
      const gradients = density < 1 ? 'support' : 'dense';
      const batch = randomBatch(graph, 4, 6, 'byte');
      expectClose(await own.logits(batch), await oracle.logits(batch), tolerance, 'logits');
      await expectSameStep(
        own,
        oracle,
        batch,
        { gradients, dropoutSeed: 5 },
        {
          gradients: backend.id.startsWith('tensorflow') ? sequentialTolerance(id) : deepTolerance,
          statistics: id === 'resnet20' ? tolerance : deepTolerance,
        },
      );
      if (id === 'resnet20') expect(await gradientError(own, oracle)).toBeLessThan(tolerance);
    },
  );

  test.each(densities)('a batch of 100 samples through wide layers at density %f', async (density) => {
    const graph = perceptron(500, 200, 10);
    const { own, oracle } = await pair(graph, { density, maxBatch: 100, threads: 2 });
    for (const gradients of ['dense', 'support'] as const) {
      await expectSameStep(own, oracle, randomBatch(graph, 100), { gradients });
    }
  });
});

describe.each(compiledBackends())('$id gives the same bits', (backend) => {
  /** Trains with growth and removal of weights; returns everything that was computed. */
  async function train(
    graph: Graph,
    options: Partial<CompileOptions>,
    on: Backend = backend,
  ): Promise<Float32Array[]> {
    const network = await randomNetwork(on, graph, { density: 0.4, ...options });
    const tensors: Float32Array[] = [];
    const rules = regularizedRules(l1);
    for (let step = 0; step < 4; step++) {
      const dense = step % 2 === 0;
      await network.trainStep(randomBatch(graph, 8, step), {
        gradients: dense ? 'dense' : 'support',
        dropoutSeed: step,
      });
      for (const { name } of network.parameters) tensors.push(await network.read(name, 'gradient'));
      await network.applyUpdate(
        rules.proxsgd,
        dense ? { scope: 'all', reselect: true } : { scope: 'support' },
      );
      for (const { name } of network.parameters) tensors.push(await network.read(name, 'value'));
      if (step === 1) await maskAll(network, 0.1, new Random(step));
    }
    tensors.push(await network.logits(randomBatch(graph, 5)));
    return tensors;
  }

  const pairs: { what: string; a: Partial<CompileOptions>; b: Partial<CompileOptions> }[] = [
    { what: 'when repeated', a: {}, b: {} },
    { what: 'on 1 and on 2 threads', a: { threads: 1 }, b: { threads: 2 } },
    { what: 'sparse and dense', a: { execution: 'sparse' }, b: { execution: 'dense' } },
    { what: 'sparse and measured', a: { execution: 'sparse', threads: 2 }, b: { execution: 'auto' } },
  ];

  describe.each(Object.keys(graphs))('%s', (name) => {
    test.each(pairs)('$what', async ({ a, b }) => {
      const graph = graphs[name]();
      const [first, second] = [await train(graph, a), await train(graph, b)];
      expect(first.length).toBeGreaterThan(10);
      for (const [i, tensor] of first.entries()) expect(second[i], `tensor ${i}`).toEqual(tensor);
    });
  });

  test('support gradients are bit by bit those of dense passes', async () => {
    const graph = everyOperation();
    const network = await randomNetwork(backend, graph, { density: 0.3, execution: 'sparse' });
    for (const name of weightsOf(graph)) {
      const mask = await network.readMask(name);
      const options = { dropoutSeed: 1 };
      await network.trainStep(randomBatch(graph, 8), { ...options, gradients: 'dense' });
      const dense = await network.read(name, 'gradient');
      await network.trainStep(randomBatch(graph, 8), { ...options, gradients: 'support' });
      expect(await network.read(name, 'gradient'), name).toEqual(dense.map((g, i) => (mask[i] ? g : 0)));
    }
  });
});
