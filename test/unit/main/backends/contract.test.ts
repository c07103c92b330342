import { beforeEach, describe, expect, test } from 'vitest';
import type { Network, Slot, UpdateRule } from '../../../../main/backends/backend.ts';
import { Random } from '../../../../shared/random.ts';
import { allBackends } from '../../../support/backends.ts';
import { expectClose } from '../../../support/close.ts';
import { chain, everyOperation, perceptron } from '../../../support/graphs.ts';
import {
  normals,
  randomBatch,
  randomNetwork,
  readAll,
  uniforms,
  weightsOf,
} from '../../../support/networks.ts';
import { l1, plainRules, regularizedRules } from '../../../support/rules.ts';

const weight = 'fc1.weight';
const states: Slot[] = ['momentum', 'dual', 'moment1', 'moment2', 'updates'];
const linbreg = { kind: 'linbreg', learningRate: 0.2, delta: 1, momentum: 0, regularizer: l1 } as const;
const rules: Record<string, UpdateRule> = { ...plainRules, ...regularizedRules(l1) };

describe.each(allBackends())('$id', (backend) => {
  const graph = perceptron();
  const batch = randomBatch(graph, 8);
  let network: Network;
  let mask: Uint8Array;
  const inside = (i: number) => mask[i] === 1;

  beforeEach(async () => {
    network = await randomNetwork(backend, graph, { density: 0.3 });
    mask = await network.readMask(weight);
  });

  /** Fills every state of a weight with numbers unlike any that a step could yield. */
  async function fillStates(): Promise<Record<string, Float32Array>> {
    const random = new Random(4);
    const { size } = network.parameters.find((p) => p.name === weight)!;
    const written: Record<string, Float32Array> = {};
    for (const slot of states) {
      const positive = slot === 'moment2' || slot === 'updates';
      written[slot] = uniforms(size, random, positive ? 1 : -1, 2).map((v) =>
        slot === 'updates' ? Math.ceil(v) : v,
      );
      await network.write(weight, slot, written[slot]);
    }
    return written;
  }

  describe('a new network', () => {
    test('has full masks, zero states and initial statistics', async () => {
      const fresh = await backend.compile(everyOperation(), {
        maxBatch: 2,
        threads: 1,
        sparse: new Set(['conv1.weight']),
      });
      expect([...(await fresh.readMask('conv1.weight'))]).toEqual(Array(72).fill(1));
      expect(fresh.activeCount('conv1.weight')).toBe(72);
      expect(fresh.parameters.filter((p) => p.sparse).map((p) => p.name)).toEqual(['conv1.weight']);
      expect(fresh.usedSlots()).toEqual([]);
      expect([...(await fresh.read('conv1.weight', 'moment1'))]).toEqual(Array(72).fill(0));
      expect(fresh.buffers).toMatchObject([
        { name: 'bn1.runningMean', size: 4 },
        { name: 'bn1.runningVar', size: 4 },
      ]);
      expect([...(await fresh.read('bn1.runningVar', 'value'))]).toEqual([1, 1, 1, 1]);
    });

    test('refuses names and sizes that it does not have', async () => {
      await expect(network.read('fc9.weight', 'value')).rejects.toThrow(/fc9\.weight/);
      await expect(network.write(weight, 'value', new Float32Array(3))).rejects.toThrow(/fc1\.weight.*851/);
      await expect(network.writeMask(weight, new Uint8Array(3))).rejects.toThrow(/fc1\.weight.*851/);
      await expect(network.writeMask('fc1.bias', new Uint8Array(23))).rejects.toThrow(/fc1\.bias/);
      await expect(network.evaluate({ ...batch, size: 9 })).rejects.toThrow(/9/);
      await expect(network.evaluate({ ...batch, labels: new Int32Array(8).fill(7) })).rejects.toThrow(/7/);
    });
  });

  describe('masks', () => {
    test('values written outside are dropped', async () => {
      await network.write(weight, 'value', new Float32Array(mask.length).fill(2));
      const value = await network.read(weight, 'value');
      expect(value.every((v, i) => v === (inside(i) ? 2 : 0))).toBe(true);
    });

    test('what leaves or enters starts from 0, the rest and the duals stay', async () => {
      const written = await fillStates();
      const before = await network.read(weight, 'value');
      const random = new Random(6);
      const changed = mask.map((m) => (random.uniform() < 0.5 ? m : 1 - m));
      await network.writeMask(weight, changed);
      expect(await network.readMask(weight)).toEqual(changed);
      expect(network.activeCount(weight)).toBe(changed.reduce((sum, m) => sum + m, 0));
      const stayed = (i: number) => changed[i] === mask[i];
      const value = await network.read(weight, 'value');
      expect(value.every((v, i) => v === (stayed(i) ? before[i] : 0))).toBe(true);
      for (const slot of states) {
        const state = await network.read(weight, slot);
        const expected = written[slot].map((v, i) => (slot === 'dual' || stayed(i) ? v : 0));
        expect(state, slot).toEqual(expected);
      }
    });

    test('reselect keeps exactly the weights that are not 0, and every state', async () => {
      const written = await fillStates();
      const value = await network.read(weight, 'value');
      const kept = value.map((v, i) => (i % 2 ? v : 0));
      await network.write(weight, 'value', kept);
      await network.reselect();
      expect(await network.readMask(weight)).toEqual(Uint8Array.from(kept, (v) => (v !== 0 ? 1 : 0)));
      expect(network.activeCount(weight)).toBe(kept.filter((v) => v !== 0).length);
      for (const slot of states) expect(await network.read(weight, slot), slot).toEqual(written[slot]);
    });

    test('an empty layer still runs', async () => {
      await network.writeMask(weight, new Uint8Array(mask.length));
      expect(network.activeCount(weight)).toBe(0);
      const { loss } = await network.trainStep(batch, { gradients: 'support' });
      expect(loss).toBeGreaterThan(0);
      expect((await network.read('fc2.bias', 'gradient')).some((g) => g !== 0)).toBe(true);
    });

    test('weights outside `sparse` have none, and J does not touch them', async () => {
      const mixed = await randomNetwork(backend, graph, { sparse: new Set(['fc2.weight']) });
      const theta = await mixed.read(weight, 'value');
      await mixed.write(weight, 'gradient', new Float32Array(theta.length));
      await mixed.applyUpdate(
        { kind: 'proxsgd', learningRate: 1, regularizer: { kind: 'l1', lambda: 10 } },
        { scope: 'all' },
      );
      expect(await mixed.read(weight, 'value')).toEqual(theta);
      expect((await mixed.read('fc2.weight', 'value')).every((v) => v === 0)).toBe(true);
      await mixed.reselect();
      expect(mixed.activeCount(weight)).toBe(theta.length);
      expect(mixed.activeCount('fc2.weight')).toBe(0);
    });
  });

  describe('gradients', () => {
    test('of support passes are those of dense passes on the mask and 0 elsewhere', async () => {
      await network.trainStep(batch, { gradients: 'dense' });
      const dense = await network.read(weight, 'gradient');
      expect(dense.some((g, i) => g !== 0 && !inside(i))).toBe(true);
      await network.trainStep(batch, { gradients: 'support' });
      const support = await network.read(weight, 'gradient');
      expect(support).toEqual(dense.map((g, i) => (inside(i) ? g : 0)));
    });

    test.each(['support', 'dense'] as const)('accumulate over %s passes', async (gradients) => {
      const other = randomBatch(graph, 8, 33);
      await network.trainStep(batch, { gradients });
      const first = await readAll(network, 'gradient');
      await network.trainStep(other, { gradients });
      const second = await readAll(network, 'gradient');
      await network.trainStep(batch, { gradients });
      await network.trainStep(other, { gradients, accumulate: true });
      for (const [name, sum] of await readAll(network, 'gradient')) {
        expectClose(
          sum,
          first.get(name)!.map((g, i) => g + second.get(name)![i]),
          1e-6,
          name,
        );
      }
    });

    test('gradientNorm is the Euclidean norm of what read returns', async () => {
      for (const gradients of ['dense', 'support'] as const) {
        await network.trainStep(batch, { gradients });
        const all = [...(await readAll(network, 'gradient')).values()].flatMap((g) => [...g]);
        expectClose([await network.gradientNorm()], [Math.hypot(...all)], 1e-6, gradients);
      }
    });

    test('gradientScale multiplies them in every rule', async () => {
      const twin = await randomNetwork(backend, graph, { density: 0.3 });
      for (const rule of Object.values(rules)) {
        for (const { name, size } of network.parameters) {
          const gradient = normals(size, new Random(size));
          await network.write(name, 'gradient', gradient);
          await twin.write(
            name,
            'gradient',
            gradient.map((g) => g * 0.25),
          );
        }
        await network.applyUpdate(rule, { scope: 'support', gradientScale: 0.25 });
        await twin.applyUpdate(rule, { scope: 'support' });
      }
      for (const [name, value] of await readAll(network, 'value'))
        expect(value).toEqual(await twin.read(name, 'value'));
    });

    test('are needed on all coordinates by an update of scope all', async () => {
      await network.trainStep(batch, { gradients: 'support' });
      await expect(network.applyUpdate(linbreg, { scope: 'all' })).rejects.toThrow(/dense/);
    });
  });

  describe.each(Object.entries(rules))('%s', (_, rule) => {
    test('of scope support leaves everything outside the mask alone', async () => {
      const written = await fillStates();
      await network.write(weight, 'gradient', normals(mask.length, new Random(5)));
      const before = await network.read(weight, 'value');
      await network.applyUpdate(rule, { scope: 'support' });
      const value = await network.read(weight, 'value');
      expect(value.every((v, i) => inside(i) || v === 0)).toBe(true);
      expect(value.filter((v, i) => inside(i) && v !== before[i]).length).toBeGreaterThan(mask.length * 0.2);
      expect(await network.readMask(weight)).toEqual(mask);
      for (const slot of states) {
        const state = await network.read(weight, slot);
        expect(
          state.every((v, i) => inside(i) || v === written[slot][i]),
          slot,
        ).toBe(true);
      }
    });

    test('of scope all with reselection makes the mask the support', async () => {
      await network.write(weight, 'gradient', normals(mask.length, new Random(5)));
      await network.applyUpdate(rule, { scope: 'all', reselect: true });
      const value = await network.read(weight, 'value');
      expect(await network.readMask(weight)).toEqual(Uint8Array.from(value, (v) => (v !== 0 ? 1 : 0)));
      expect(value.some((v, i) => v !== 0 && !inside(i))).toBe(true);
    });

    test('of scope all without reselection keeps weights outside the mask at 0', async () => {
      await network.write(weight, 'gradient', normals(mask.length, new Random(5)));
      await network.applyUpdate(rule, { scope: 'all' });
      expect((await network.read(weight, 'value')).every((v, i) => inside(i) || v === 0)).toBe(true);
      expect(await network.readMask(weight)).toEqual(mask);
    });
  });

  describe('mirror descent', () => {
    /** v = θ/δ + λ sign(θ), as a method starts. */
    async function startDuals(): Promise<void> {
      for (const { name, sparse } of network.parameters) {
        if (!sparse) continue;
        const theta = await network.read(name, 'value');
        await network.write(
          name,
          'dual',
          theta.map((v) => v / linbreg.delta + l1.lambda * Math.sign(v)),
        );
      }
    }

    test('frozen duals do not move in the coarse steps of a multilevel cycle', async () => {
      await startDuals();
      for (let cycle = 0; cycle < 3; cycle++) {
        await network.trainStep(randomBatch(graph, 8, cycle), { gradients: 'dense' });
        await network.applyUpdate(linbreg, { scope: 'all', reselect: true });
        const frozen = await network.readMask(weight);
        const duals = await network.read(weight, 'dual');
        for (let step = 0; step < 4; step++) {
          await network.trainStep(randomBatch(graph, 8, 100 + step), { gradients: 'support' });
          await network.applyUpdate(linbreg, { scope: 'support' });
        }
        expect(await network.readMask(weight)).toEqual(frozen);
        const moved = await network.read(weight, 'dual');
        expect(moved.every((v, i) => frozen[i] === 1 || v === duals[i])).toBe(true);
        expect(moved.some((v, i) => frozen[i] === 1 && v !== duals[i])).toBe(true);
        const theta = await network.read(weight, 'value');
        expect(moved.every((v, i) => theta[i] !== 0 || Math.abs(v) <= l1.lambda * (1 + 1e-6))).toBe(true);
      }
    });

    test('with J = 0 and δ = 1 is SGD', async () => {
      const twin = await randomNetwork(backend, graph);
      const own = await randomNetwork(backend, graph);
      for (const { name } of own.parameters) await own.write(name, 'dual', await own.read(name, 'value'));
      for (let step = 0; step < 20; step++) {
        const next = randomBatch(graph, 8, step);
        await own.trainStep(next, { gradients: 'dense' });
        await own.applyUpdate({ ...linbreg, regularizer: { kind: 'none' } }, { scope: 'all' });
        await twin.trainStep(next, { gradients: 'dense' });
        await twin.applyUpdate({ ...plainRules.sgd, learningRate: 0.2 } as UpdateRule, { scope: 'all' });
      }
      for (const [name, value] of await readAll(own, 'value')) {
        expectClose(value, await twin.read(name, 'value'), 1e-6, name);
      }
    });

    test('starts the duals of biases at θ/δ', async () => {
      const delta = 0.5;
      const theta = await network.read('fc1.bias', 'value');
      const gradient = normals(theta.length, new Random(8));
      await network.write('fc1.bias', 'gradient', gradient);
      await network.applyUpdate({ ...linbreg, delta }, { scope: 'support' });
      const v = theta.map((t, i) => t / delta - linbreg.learningRate * gradient[i]);
      expectClose(await network.read('fc1.bias', 'dual'), v, 1e-6);
      expectClose(
        await network.read('fc1.bias', 'value'),
        v.map((x) => delta * x),
        1e-6,
      );
    });
  });

  describe('passes', () => {
    test('batch norm: batch statistics in training, running ones in inference', async () => {
      const norm = chain([1, 1, 1], 1, [
        { name: 'bn', op: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 } },
      ]);
      const raw = { ...norm, input: { ...norm.input, scale: [1], shift: [0] } };
      const small = await backend.compile(raw, { maxBatch: 4, threads: 1, sparse: new Set() });
      await small.write('bn.weight', 'value', Float32Array.of(1));
      const samples = { samples: Float32Array.of(1, 2, 3, 6), labels: new Int32Array(4), size: 4 };
      await small.trainStep(samples, { gradients: 'dense' });
      // Mean 3, biased variance 3.5, unbiased 14/3.
      expectClose(await small.read('bn.runningMean', 'value'), [0.3], 1e-6);
      expectClose(await small.read('bn.runningVar', 'value'), [0.9 + 0.1 * (14 / 3)], 1e-6);
      const std = Math.sqrt(0.9 + 1.4 / 3 + 1e-5);
      expectClose(await small.logits(samples), [0.7 / std, 1.7 / std, 2.7 / std, 5.7 / std], 1e-6);
      await small.evaluate(samples);
      expectClose(await small.read('bn.runningMean', 'value'), [0.3], 1e-6);
      await small.write('bn.runningMean', 'value', Float32Array.of(-1));
      expectClose(await small.logits(samples), [2 / std, 3 / std, 4 / std, 7 / std], 1e-6);
    });

    test('dropout follows its seed in training and is off in inference', async () => {
      const dropping = await randomNetwork(backend, everyOperation());
      const images = randomBatch(dropping.graph, 8);
      const loss = async (dropoutSeed: number) =>
        (await dropping.trainStep(images, { gradients: 'dense', dropoutSeed })).loss;
      const first = await loss(1);
      expect(await loss(1)).toBe(first);
      expect(await loss(2)).not.toBe(first);
    });

    test('a partial batch sees nothing of the batch before it', async () => {
      const dropping = everyOperation();
      const large = await randomNetwork(backend, dropping, { maxBatch: 21 });
      const small = await randomNetwork(backend, dropping, { maxBatch: 3 });
      await large.trainStep(randomBatch(dropping, 21, 5), { gradients: 'dense' });
      for (const { name } of small.buffers) await small.write(name, 'value', await large.read(name, 'value'));
      const three = randomBatch(dropping, 3);
      const options = { gradients: 'dense', dropoutSeed: 3 } as const;
      expectClose(
        [(await large.trainStep(three, options)).loss],
        [(await small.trainStep(three, options)).loss],
        1e-6,
      );
      for (const [name, gradient] of await readAll(large, 'gradient')) {
        expectClose(gradient, await small.read(name, 'gradient'), 1e-5, name);
      }
      expectClose(await large.logits(three), await small.logits(three), 1e-5);
    });

    test('bytes and floats of the same pixels give the same bits', async () => {
      const bytes = randomBatch(graph, 8, 2, 'byte');
      const floats = { ...bytes, samples: Float32Array.from(bytes.samples) };
      expect(await network.logits(bytes)).toEqual(await network.logits(floats));
    });

    test('evaluate sums what logits say; the first of equal logits wins', async () => {
      const logits = await network.logits(batch);
      let lossSum = 0;
      let correct = 0;
      for (let n = 0; n < batch.size; n++) {
        const row = [...logits.subarray(n * 7, n * 7 + 7)];
        lossSum += Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[batch.labels[n]];
        if (row.indexOf(Math.max(...row)) === batch.labels[n]) correct++;
      }
      const result = await network.evaluate(batch);
      expect(result.correct).toBe(correct);
      expectClose([result.lossSum], [lossSum], 1e-5);
      for (const name of weightsOf(graph))
        await network.writeMask(name, new Uint8Array((await network.read(name, 'value')).length));
      await network.write('fc2.bias', 'value', new Float32Array(7));
      const labels = Int32Array.of(0, 0, 1, 2, 0, 3, 4, 5);
      expect((await network.evaluate({ ...batch, labels })).correct).toBe(3);
      expect((await network.trainStep({ ...batch, labels }, { gradients: 'support' })).correct).toBe(3);
    });
  });

  test('what read returns rebuilds a network that goes on with the same bits', async () => {
    const dropping = everyOperation();
    const rule = regularizedRules(l1).adabreg;
    const original = await randomNetwork(backend, dropping, { density: 0.5 });
    const step = async (trained: Network, seed: number) => {
      await trained.trainStep(randomBatch(dropping, 8, seed), {
        gradients: seed % 3 ? 'support' : 'dense',
        dropoutSeed: seed,
      });
      await trained.applyUpdate(rule, seed % 3 ? { scope: 'support' } : { scope: 'all', reselect: true });
    };
    for (let seed = 0; seed < 5; seed++) await step(original, seed);
    const restored = await backend.compile(dropping, {
      maxBatch: 8,
      threads: 1,
      sparse: weightsOf(dropping),
    });
    for (const { name, sparse } of original.parameters) {
      if (sparse) await restored.writeMask(name, await original.readMask(name));
      for (const slot of original.usedSlots()) {
        if (slot !== 'gradient') await restored.write(name, slot, await original.read(name, slot));
      }
    }
    for (const { name } of original.buffers)
      await restored.write(name, 'value', await original.read(name, 'value'));
    for (let seed = 5; seed < 10; seed++) {
      await step(original, seed);
      await step(restored, seed);
    }
    for (const slot of ['value', 'dual', 'moment1', 'moment2', 'updates'] as const) {
      for (const [name, tensor] of await readAll(original, slot)) {
        expect(await restored.read(name, slot), `${name} ${slot}`).toEqual(tensor);
      }
    }
  });
});
