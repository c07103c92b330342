import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  flag,
  float32,
  integers,
  type,
} from '../../../../../../main/backends/tensorflow/libtensorflow/attributes.ts';
import {
  dataType,
  type Attribute,
  type Binding,
  type FunctionGraph,
} from '../../../../../../main/backends/tensorflow/libtensorflow/binding.ts';
import { EagerExecutor } from '../../../../../../main/backends/tensorflow/libtensorflow/eager.ts';
import { bindingOfProcess } from '../../../../../../main/backends/tensorflow/open.ts';
import { tensorflowMissing } from '../../../../../support/tensorflow.ts';

describe.skipIf(tensorflowMissing)('the addon records graphs', () => {
  let binding: Binding;
  let graph: FunctionGraph;
  beforeEach(() => {
    binding = bindingOfProcess(2);
    graph = new binding.FunctionGraph();
  });
  afterEach(() => graph.delete());

  const matMul = [float32, flag('transpose_a', false), flag('transpose_b', false)];

  test('and defines functions that run by their name until they are removed', async () => {
    const x = graph.input(dataType.float32, [2]);
    expect(x).toEqual({ id: 0, type: dataType.float32, shape: [2] });
    const two = graph.constant(dataType.float32, [], Float32Array.of(2));
    const product = graph.operation('Mul', [float32], [x.id, two.id], []);
    expect(product.outputs[0].shape).toEqual([2]);
    graph.define('doubled', [x.id], [product.outputs[0].id], []);
    graph.delete();
    const given = binding.upload(dataType.float32, [2], Float32Array.of(3, 4));
    const [{ id, shape }] = binding.executeOp('doubled', [], [given], 1);
    expect(shape).toEqual([2]);
    expect([...(await binding.read(id))]).toEqual([6, 8]);
    binding.deleteTensor(given);
    binding.deleteTensor(id);
    binding.removeFunction('doubled');
    expect(() => binding.executeOp('doubled', [], [], 1)).toThrow(/doubled/);
    expect(() => binding.removeFunction('doubled')).toThrow(/doubled/);
  });

  test('with the variables that they are given', async () => {
    const variable = graph.variable(dataType.float32, [2, 3]);
    expect(variable).toEqual({ id: 0, type: dataType.resource, shape: [] });
    const dtype = [type('dtype', dataType.float32)];
    const read = graph.operation('ReadVariableOp', dtype, [variable.id], []);
    graph.setShape(read.outputs[0].id, [2, 3]);
    const doubled = graph.operation('AddV2', [float32], [read.outputs[0].id, read.outputs[0].id], []);
    graph.define('read_twice', [variable.id], [doubled.outputs[0].id], []);
    const eager = new EagerExecutor(binding);
    const resource = eager.createResource(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const [tensor] = eager.run('read_twice', [], [resource.handle.id], 1);
    expect(tensor.shape).toEqual([2, 3]);
    expect([...(await binding.read(tensor.id))]).toEqual([2, 4, 6, 8, 10, 12]);
    eager.dispose();
    binding.removeFunction('read_twice');
  });

  test('and says what is wrong with an operation, and goes on', () => {
    const a = graph.input(dataType.float32, [2, 3]);
    const b = graph.input(dataType.float32, [4, 2]);
    const wrong: [string, () => unknown, RegExp][] = [
      ['an unknown operation', () => graph.operation('NoSuch', [], [], []), /NoSuch: .*not registered/],
      [
        'shapes',
        () => graph.operation('MatMul', matMul, [a.id, b.id], []),
        /MatMul: .*Dimensions must be equal/,
      ],
      ['a missing input', () => graph.operation('MatMul', matMul, [a.id], []), /MatMul: /],
      ['an unknown value', () => graph.operation('Abs', [float32], [99], []), /this graph has no value 99/],
      [
        'a value that is no number',
        () => graph.operation('Abs', [float32], ['x' as never], []),
        /a value must be a number/,
      ],
      [
        'an unknown operation to wait for',
        () => graph.operation('Abs', [float32], [a.id], [7]),
        /this graph has no operation 7/,
      ],
      ['a list for one tensor', () => graph.operation('Abs', [float32], [[a.id, b.id]], []), /Abs: /],
      [
        'inputs that are no list',
        () => graph.operation('Abs', [float32], a.id as never, []),
        /inputs must be an array/,
      ],
      ['a negative size', () => graph.constant(dataType.float32, [-1], new Float32Array(1)), /negative/],
      [
        'too few bytes',
        () => graph.constant(dataType.float32, [3], new Float32Array(2)),
        /8 bytes .* need 12/,
      ],
      [
        'data that is none',
        () => graph.constant(dataType.float32, [1], [1] as never),
        /must be a typed array/,
      ],
      ['a type without a size', () => graph.constant(7, [1], new Float32Array(1)), /fixed size/],
      ['a shape that contradicts', () => graph.setShape(a.id, [5, 5]), /setShape: /],
      ['a function of unknown values', () => graph.define('f', [a.id], [42], []), /no value 42/],
    ];
    for (const [what, record, message] of wrong) expect(record, what).toThrow(message);
    expect(graph.operation('Abs', [float32], [a.id], []).outputs[0].shape).toEqual([2, 3]);
  });

  test.each<[string, Attribute, RegExp]>([
    ['text', { name: 'T', type: 0, value: 3 }, /T must be a string/],
    ['number', { name: 'n', type: 1, value: 'three' }, /n must be a number/],
    ['fraction', { name: 'n', type: 1, value: 1.5 }, /n must be a whole number/],
    ['numbers', integers('n', [1, 'two' as never]), /n must be a number/],
    ['flag', { name: 'f', type: 3, value: 1 }, /f must be a boolean/],
    ['type', type('T', 'float' as never), /a data type must be a number/],
    ['kind', { name: 'x', type: 77, value: 1 }, /x has an attribute type that is not supported: 77/],
    ['name', { name: 5 as never, type: 1, value: 1 }, /an attribute's name must be a string/],
  ])('and refuses an attribute of the wrong type: %s', (_, attribute, message) => {
    const a = graph.input(dataType.float32, [1]);
    expect(() => graph.operation('Abs', [attribute], [a.id], [])).toThrow(message);
  });

  test('and cannot be used once they are deleted', () => {
    graph.delete();
    expect(() => graph.input(dataType.float32, [1])).toThrow('this graph was deleted');
    expect(() => graph.define('f', [], [], [])).toThrow('this graph was deleted');
    graph.delete();
  });

  test('a name is defined once', () => {
    const x = graph.input(dataType.float32, [2]);
    const y = graph.operation('Abs', [float32], [x.id], []).outputs[0];
    graph.define('once', [x.id], [y.id], []);
    const other = new binding.FunctionGraph();
    const z = other.input(dataType.float32, [2]);
    expect(() =>
      other.define('once', [z.id], [other.operation('Neg', [float32], [z.id], []).outputs[0].id], []),
    ).toThrow(/once/);
    other.delete();
    binding.removeFunction('once');
  });

  test('and tensors that are not there, or cannot be read, are errors', () => {
    expect(() => binding.read(123456)).toThrow('there is no tensor 123456');
    expect(() => binding.upload(dataType.float32, [2], new Float32Array(3))).toThrow(
      '12 bytes where its type and shape need 8',
    );
    const images = (shape: number[], data: unknown, scale: number[]) => () =>
      binding.uploadImages(shape, data as Uint8Array, scale, [0]);
    expect(images([2, 3, 3, 1], new Uint8Array(17), [1])).toThrow('as many numbers as their shape says');
    expect(images([2, 3, 3, 1], new Uint8Array(18), [1, 1])).toThrow('as many numbers as their shape says');
    expect(images([2, 0, 3, 1], new Uint8Array(0), [1])).toThrow('positive sizes');
    expect(images([2], new Uint8Array(2), [1])).toThrow('two sizes at least');
    expect(images([2, 1], new Int32Array(2), [1])).toThrow('bytes or float32');
    expect(images([2, 1], 'pixels', [1])).toThrow('typed array');
  });
});
