import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { tensorflowEnvironment, threadsOf } from '../../../../../main/backends/tensorflow/environment.ts';

test('sets the threads of TensorFlow, every core where none are asked for', () => {
  expect(tensorflowEnvironment({ threads: 6 }, {})).toMatchObject({
    TF_NUM_INTRAOP_THREADS: '6',
    TF_NUM_INTEROP_THREADS: '2',
  });
  expect(tensorflowEnvironment({ threads: 1 }, {}).TF_NUM_INTEROP_THREADS).toBe('1');
  expect(tensorflowEnvironment({ threads: 0 }, {}).TF_NUM_INTRAOP_THREADS).toBe(
    String(availableParallelism()),
  );
});

test('parts of a batch have a thread each', () => {
  const parts = tensorflowEnvironment({ threads: 6, partsOfBatch: true }, {});
  expect(parts).toMatchObject({ TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '6' });
  expect(threadsOf(parts)).toEqual({ all: 6, ofOperation: 1 });
  expect(threadsOf(tensorflowEnvironment({ threads: 6 }, {}))).toEqual({ all: 6, ofOperation: 6 });
  expect(threadsOf({})).toEqual({ all: availableParallelism(), ofOperation: availableParallelism() });
});

test("CUDA's libraries are looked for before those of the system, whose path is kept", () => {
  const libraries = ['/engines/tensorflow/lib'];
  expect(
    tensorflowEnvironment({ threads: 1, libraries }, { LD_LIBRARY_PATH: '/opt/lib' }).LD_LIBRARY_PATH,
  ).toBe('/engines/tensorflow/lib:/opt/lib');
  expect(tensorflowEnvironment({ threads: 1, libraries }, {}).LD_LIBRARY_PATH).toBe(
    '/engines/tensorflow/lib',
  );
  expect(tensorflowEnvironment({ threads: 1 }, {})).not.toHaveProperty('LD_LIBRARY_PATH');
});
