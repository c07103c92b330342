import { beforeAll, describe, expect, test } from 'vitest';
import { float32 } from '../../../../../../main/backends/tensorflow/libtensorflow/attributes.ts';
import {
  dataType,
  type Binding,
  type RecordedOperation,
} from '../../../../../../main/backends/tensorflow/libtensorflow/binding.ts';
import { bindingOfProcess } from '../../../../../../main/backends/tensorflow/open.ts';
import { tensorflowMissing } from '../../../../../support/tensorflow.ts';

describe.skipIf(tensorflowMissing)('the addon runs recorded operations again', () => {
  let binding: Binding;
  beforeAll(() => (binding = bindingOfProcess(2)));

  const upload = (...values: number[]) =>
    binding.upload(dataType.float32, [values.length], Float32Array.from(values));
  const binary = (name: string, ...inputs: number[]): RecordedOperation => ({
    ...{ name, attributes: [float32], inputs },
    outputs: 1,
  });
  const read = async (id: number) => {
    const values = [...(await binding.read(id))];
    binding.deleteTensor(id);
    return values;
  };

  test('on other tensors, with those it has captured, and frees what nothing needs', async () => {
    const before = binding.getNumOfTensors();
    const ten = upload(10, 10);
    // (a + ten) · b, and its square; tensors 0 and 1 are inputs, 2 is captured, 3 and more are what operations yield.
    const recording = new binding.Recording(
      [binary('AddV2', 0, 2), binary('Mul', 3, 1), binary('Mul', 4, 4), binary('Sub', 0, 1)],
      2,
      [ten],
      [4, 5],
    );
    binding.deleteTensor(ten);
    for (let i = 1; i < 4; i++) {
      const [a, b] = [upload(i, 2 * i), upload(3, 4)];
      const [product, square] = recording.run([a, b]);
      expect(await read(product)).toEqual([3 * (i + 10), 4 * (2 * i + 10)]);
      expect(await read(square)).toEqual([9 * (i + 10) ** 2, 16 * (2 * i + 10) ** 2]);
      for (const id of [a, b]) binding.deleteTensor(id);
    }
    recording.delete();
    expect(binding.getNumOfTensors()).toBe(before);
    expect(() => recording.run([])).toThrow('this recording was deleted');
  });

  test('and says what is wrong', () => {
    const before = binding.getNumOfTensors();
    const make = (
      operations: readonly RecordedOperation[],
      results: readonly number[],
      captured: number[] = [],
    ) => new binding.Recording(operations, 1, captured, results);
    expect(() => make([binary('Abs', 1)], [1])).toThrow('inputs: there is no tensor 1');
    expect(() => make([binary('Abs', 0)], [2])).toThrow('results: there is no tensor 2');
    expect(() => make([binary('Abs', 0)], [0])).toThrow('results must be different tensors');
    expect(() => make([binary('Abs', 0)], [1, 1])).toThrow('results must be different tensors');
    expect(() => make([], [], [987654])).toThrow('there is no tensor 987654');
    expect(() => make([{ ...binary('Abs', 0), name: 7 as never }], [1])).toThrow('name must be a string');
    expect(() => make('x' as never, [])).toThrow('operations must be an array');
    const recording = make([binary('Mul', 0, 0), binary('NoSuch', 1)], [2]);
    const x = upload(1);
    expect(() => recording.run([])).toThrow('takes 1 inputs, got 0');
    expect(() => recording.run([987654])).toThrow('there is no tensor 987654');
    expect(() => recording.run([x])).toThrow(/NoSuch: .*NoSuch/);
    recording.delete();
    recording.delete();
    binding.deleteTensor(x);
    expect(binding.getNumOfTensors()).toBe(before);
  });
});
