import { afterEach, describe, expect, test } from 'vitest';
import { bindingOfProcess } from '../../../../../../main/backends/tensorflow/open.ts';
import { libTensorflowOps } from '../../../../../../main/backends/tensorflow/libtensorflow/ops.ts';
import type { NativeTensor } from '../../../../../../main/backends/tensorflow/libtensorflow/executor.ts';
import { Random } from '../../../../../../shared/random.ts';
import { expectClose } from '../../../../../support/close.ts';
import { tensorflowMissing } from '../../../../../support/tensorflow.ts';
import { convolve, outputSide, type ConvolutionSizes } from '../../../../../support/windows.ts';

type Engine = ReturnType<typeof libTensorflowOps>;

describe.skipIf(tensorflowMissing).each(['traced', 'eager'] as const)(
  'operations of libtensorflow, %s',
  (execution) => {
    const opened: Engine[] = [];
    const open = (): Engine => {
      opened.push(libTensorflowOps(bindingOfProcess(2), execution));
      return opened.at(-1)!;
    };
    const handles = tensorflowMissing ? 0 : bindingOfProcess(2).getNumOfTensors();
    afterEach(() => {
      for (const one of opened.splice(0)) one.dispose();
      // Whatever a test has done, nothing of it stays in TensorFlow.
      expect(bindingOfProcess(2).getNumOfTensors()).toBe(handles);
    });

    const random = new Random(3, 'operations');
    const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
    const pick = (...from: number[]) => from[Math.floor(random.uniform() * from.length)];

    test('convolutions and their gradients follow their definition, whatever the sizes', async () => {
      const engine = open();
      const cases: ConvolutionSizes[] = [
        // oneDNN's own gradients of these filters are wrong.
        [4, 8, 5, 10, 1, 2, 0],
        [5, 16, 5, 1, 1, 2, 0],
      ];
      for (let i = 0; i < 60; i++) {
        const kernel = pick(1, 1, 2, 3, 3, 5);
        const padding = pick(0, Math.floor(kernel / 2), kernel > 1 ? 1 : 0);
        cases.push([
          pick(1, 2, 4),
          pick(5, 7, 8, 11),
          pick(1, 3, 5, 8, 17),
          pick(1, 4, 10, 16, 20),
          kernel,
          pick(1, 2, 3),
          padding,
        ]);
      }
      for (const sizes of cases) {
        const [n, side, inputs, outputs, kernel, stride, padding] = sizes;
        const out = outputSide(sizes);
        const shapes = {
          x: [n, side, side, inputs],
          filter: [kernel, kernel, inputs, outputs],
          dy: [n, out, out, outputs],
        };
        const [x, filter, dy] = Object.values(shapes).map((shape) => normal(shape.reduce((a, b) => a * b)));
        const expected = convolve(sizes, { x, filter, dy });
        const window = { stride, padding };
        const program = engine.program('convolution', ([a, f, g]) => [
          engine.conv2d(a, f, window),
          engine.conv2dInputGradient(g, f, shapes.x, window),
          engine.conv2dFilterGradient(g, a, shapes.filter, window),
        ]);
        const inputsOf = [
          engine.upload(x, shapes.x),
          engine.upload(filter, shapes.filter),
          engine.upload(dy, shapes.dy),
        ];
        const results = program(inputsOf);
        const [y, dx, dFilter] = await Promise.all(results.map((tensor) => engine.read(tensor)));
        expectClose(y, expected.y, 1e-5, `convolution ${sizes.join()}`);
        expectClose(dx, expected.dx, 1e-5, `input gradient ${sizes.join()}`);
        expectClose(dFilter, expected.dFilter, 1e-5, `filter gradient ${sizes.join()}`);
        for (const tensor of [...inputsOf, ...results]) engine.free(tensor);
      }
    });

    /** Runs a body once on these numbers, as vectors or in these shapes, and reads its results. */
    async function compute(
      inputs: { values: readonly number[]; shape?: readonly number[] }[],
      body: (engine: Engine, tensors: readonly NativeTensor[]) => NativeTensor[],
    ): Promise<number[][]> {
      const engine = open();
      const tensors = inputs.map(({ values, shape }) =>
        engine.upload(Float32Array.from(values), shape ?? [values.length]),
      );
      const results = engine.program('test', (given) => body(engine, given))(tensors);
      return Promise.all(results.map(async (tensor) => [...(await engine.read(tensor))]));
    }

    test('of several maxima the first takes the gradient; padding never is one', async () => {
      const ties = { values: [-1, -1, -1, -1, 2, 2, -1, 2, 2], shape: [1, 3, 3, 1] };
      const window = { kernel: 2, stride: 2, padding: 1 };
      const [y, dx] = await compute(
        [ties, { values: [1, 10, 100, 1000], shape: [1, 2, 2, 1] }],
        (engine, [x, dy]) => {
          const pooled = engine.maxPool(x, window);
          return [pooled, engine.maxPoolGradient(dy, x, pooled, window)];
        },
      );
      expect(y).toEqual([-1, -1, -1, 2]);
      expect(dx).toEqual([1, 10, 0, 100, 1000, 0, 0, 0, 0]);
    });

    test('average pooling divides by the whole window, padding included', async () => {
      const ones = { values: Array<number>(9).fill(1), shape: [1, 3, 3, 1] };
      const window = { kernel: 2, stride: 2, padding: 1 };
      const [y, dx] = await compute(
        [ones, { values: [4, 8, 12, 16], shape: [1, 2, 2, 1] }],
        (engine, [x, dy]) => [engine.avgPool(x, window), engine.avgPoolGradient(dy, [1, 3, 3, 1], window)],
      );
      expect(y).toEqual([0.25, 0.5, 0.5, 1]);
      expect(dx).toEqual([1, 2, 2, 3, 4, 4, 3, 4, 4]);
    });

    test('batch norm of features gives the variance that running statistics want', async () => {
      const x = { values: [1, 10, 3, 30, 5, 50], shape: [3, 2] };
      const one = { values: [1, 1] };
      const zero = { values: [0, 0] };
      const [mean, variance, y, inference] = await compute([x, one, zero], (engine, [a, gamma, beta]) => {
        const normalised = engine.batchNorm(a, gamma, beta, 0);
        return [
          normalised.mean,
          normalised.unbiasedVariance,
          normalised.y,
          engine.batchNormInference(a, gamma, beta, normalised.mean, normalised.unbiasedVariance, 0),
        ];
      });
      expect(mean).toEqual([3, 30]);
      expectClose(variance, [4, 400], 1e-6);
      expectClose(
        y,
        [-1, -1, 0, 0, 1, 1].map((value) => value * Math.sqrt(1.5)),
        1e-6,
      );
      expectClose(inference, [-1, -1, 0, 0, 1, 1], 1e-6);
    });

    test('gather beyond the end, select and comparisons', async () => {
      const [gathered, selected, equal, nonZero] = await compute(
        [{ values: [0, 2, 9] }, { values: [10, 20, 30] }],
        (engine, [indices, table]) => [
          engine.gather(table, indices),
          engine.select(engine.equal(indices, engine.constant([2], [])), table, indices),
          engine.equal(indices, engine.constant([0, 9, 9], [3])),
          engine.nonZero(indices),
        ],
      );
      expect(gathered).toEqual([10, 30, 30]);
      expect(selected).toEqual([0, 20, 9]);
      expect(equal).toEqual([1, 0, 1]);
      expect(nonZero).toEqual([0, 1, 1]);
    });

    test('bytes stay bytes until they are made numbers', async () => {
      const engine = open();
      const bytes = engine.upload(Uint8Array.of(0, 128, 255), [3]);
      expect(engine.memoryBytes()).toBe(3);
      const [floats] = engine.program('bytes', ([x]) => [engine.toFloat(x)])([bytes]);
      expect([...(await engine.read(floats))]).toEqual([0, 128, 255]);
      await expect(async () => engine.read(bytes)).rejects.toThrow('only float32 tensors are read');
    });

    test('an upload is a copy', async () => {
      const engine = open();
      const data = new Float32Array(1024).fill(1);
      const tensor = engine.upload(data, [1024]);
      const variable = engine.variable(data, [1024]);
      data.fill(2);
      expect(await engine.read(tensor)).toEqual(new Float32Array(1024).fill(1));
      expect(await variable.read()).toEqual(new Float32Array(1024).fill(1));
    });

    test('variables change in place: read before, assigned once, momentum with and without Nesterov', async () => {
      const engine = open();
      const theta = engine.variable(Float32Array.of(1, 2), [2]);
      const u = engine.variable(Float32Array.of(1, 1), [2]);
      const [rate, momentum] = [
        engine.upload(Float32Array.of(0.5), []),
        engine.upload(Float32Array.of(0.5), []),
      ];
      const step = (nesterov: boolean) =>
        engine.program('step', ([tau, mu]) => {
          const before = theta.value();
          engine.momentumStep(theta, u, engine.constant([2, 4], [2]), tau, mu, nesterov);
          return [before];
        })([rate, momentum]);
      // u ← μu + g = (2.5, 4.5); θ ← θ − τu
      const [before] = step(false);
      expect([...(await engine.read(before))]).toEqual([1, 2]);
      expect([...(await u.read())]).toEqual([2.5, 4.5]);
      expect([...(await theta.read())]).toEqual([-0.25, -0.25]);
      // u ← (3.25, 6.25); θ ← θ − τ(g + μu)
      step(true);
      expect([...(await u.read())]).toEqual([3.25, 6.25]);
      expect([...(await theta.read())]).toEqual([-2.0625, -3.8125]);
      engine.program('descend', ([tau]) => {
        engine.gradientStep(theta, engine.constant([1, 1], [2]), tau);
        u.assign(engine.constant([7, 8], [2]));
        return [];
      })([rate]);
      expect([...(await theta.read())]).toEqual([-2.5625, -4.3125]);
      expect([...(await u.read())]).toEqual([7, 8]);
    });

    test('what a program reads of a variable is its value at that time', async () => {
      const engine = open();
      const [x, y] = [engine.variable(Float32Array.of(1), [1]), engine.variable(Float32Array.of(10), [1])];
      const rate = engine.upload(Float32Array.of(0.5), []);
      const program = engine.program('in turn', ([tau]) => {
        const before = engine.add(x.value(), y.value());
        engine.gradientStep(x, y.value(), tau);
        y.assign(engine.mul(x.value(), engine.constant([3], [1])));
        return [before, engine.add(x.value(), y.value())];
      });
      for (const expected of [
        [11, -16],
        [-16, 8],
      ]) {
        const results = program([rate]);
        expect([...(await engine.read(results[0])), ...(await engine.read(results[1]))]).toEqual(expected);
        for (const tensor of results) engine.free(tensor);
      }
    });

    test('a program holds to the rule of assignments and to its own tensors', () => {
      const engine = open();
      const variable = engine.variable(Float32Array.of(1), [1]);
      const outside = engine.upload(Float32Array.of(1), [1]);
      const run = (body: () => void) => () =>
        engine.program('rule', () => {
          body();
          return [];
        })([]);
      const one = () => engine.constant([1], [1]);
      expect(run(() => [variable.assign(one()), variable.assign(one())])).toThrow(
        'program rule: a variable [1] is assigned twice',
      );
      expect(run(() => run(() => undefined)())).toThrow('program rule is called within program rule');
      if (execution === 'traced') {
        expect(run(() => engine.square(outside))).toThrow(
          'program rule: a tensor [1] from outside must be one of its inputs',
        );
      }
      // What failed has left no trace.
      run(() => variable.assign(one()))();
      expect(engine.liveTensors()).toBe(2);
    });

    test("an input or a repeated tensor is returned as the caller's own", async () => {
      const engine = open();
      const x = engine.upload(Float32Array.of(5), [1]);
      const results = engine.program('same', ([a]) => {
        const twice = engine.add(a, a);
        return [a, twice, twice];
      })([x]);
      engine.free(x);
      const values = await Promise.all(results.map((tensor) => engine.read(tensor)));
      expect(values.map(([value]) => value)).toEqual([5, 10, 10]);
      for (const tensor of results) engine.free(tensor);
      expect(engine.liveTensors()).toBe(0);
      expect(() => engine.free(x)).toThrow('freed already');
    });

    test("errors are TensorFlow's own, name the operation and leak nothing", () => {
      const engine = open();
      const [a, b] = [engine.upload(new Float32Array(6), [2, 3]), engine.upload(new Float32Array(8), [4, 2])];
      const before = engine.liveTensors();
      for (let i = 0; i < 20; i++) {
        expect(() => engine.program('bad', ([x, y]) => [engine.matMul(engine.square(x), y)])([a, b])).toThrow(
          /MatMul[^]*(3 and 4|In\[0\] mismatch In\[1\])|Matrix size-incompatible/,
        );
      }
      expect(engine.liveTensors()).toBe(before);
    });

    test('a tensor that is given twice is not two that are given once', async () => {
      const engine = open();
      const [a, b] = [engine.upload(Float32Array.of(1), [1]), engine.upload(Float32Array.of(10), [1])];
      const program = engine.program('difference', ([x, y]) => [engine.sub(x, y)]);
      for (const [given, expected] of [
        [[a, a], 0],
        [[a, b], -9],
        [[b, b], 0],
        [[b, a], 9],
      ] as const) {
        const [result] = program(given);
        expect([...(await engine.read(result))]).toEqual([expected]);
        engine.free(result);
      }
      for (const tensor of [a, b]) engine.free(tensor);
    });

    test('images are normalised on their way and have their channels last', async () => {
      const engine = open();
      const as = { shape: [2, 1, 3], scale: [2, 10], shift: [1, -1] } as const;
      const expected = [1, 39, 3, 49, 5, 59, 255 * 2 + 1, 99, 13, 109, 15, 119];
      const pixels = [0, 1, 2, 4, 5, 6, 255, 6, 7, 10, 11, 12];
      for (const images of [Uint8Array.from(pixels), Float32Array.from(pixels)]) {
        const tensor = engine.uploadImages(images, 2, as);
        expect(engine.shapeOf(tensor)).toEqual([2, 1, 3, 2]);
        expect([...(await engine.read(tensor))]).toEqual(expected);
        engine.free(tensor);
      }
      const flat = engine.uploadImages(Uint8Array.of(1, 2, 3, 4), 2, { ...as, shape: [2, 1, 1] });
      expect(engine.shapeOf(flat)).toEqual([2, 2]);
      expect([...(await engine.read(flat))]).toEqual([3, 19, 7, 39]);
      engine.free(flat);
    });

    test('shapes are traced one by one, and everything is freed with the engine', async () => {
      const engine = open();
      const program = engine.program('double', ([x]) => [engine.add(x, x)]);
      for (let size = 1; size <= 50; size++) {
        const x = engine.upload(new Float32Array(size).fill(size), [size]);
        const [y] = program([x]);
        expect((await engine.read(y)).at(-1)).toBe(2 * size);
        engine.free(x);
        engine.free(y);
      }
      expect(engine.liveTensors()).toBe(0);
      expect(engine.memoryBytes()).toBe(0);
    });
  },
);
