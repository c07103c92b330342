import type { Ops, PoolWindow } from '../ops.ts';
import { channelsLast, float32, integers, text, type } from './attributes.ts';
import { dataType, type Attribute } from './binding.ts';
import type { Executor, NativeTensor } from './executor.ts';

type Tensor = NativeTensor;
export type Pooling = Pick<Ops<Tensor>, 'maxPool' | 'maxPoolGradient' | 'avgPool' | 'avgPoolGradient'>;

/** Pooling without padding of its own: what padding counts as is up to the operation, so inputs are padded first. */
export function pooling(executor: () => Executor): Pooling {
  const run = (operation: string, attributes: readonly Attribute[], ...inputs: Tensor[]): Tensor =>
    executor().execute(operation, attributes, inputs, 1)[0];
  const list = (values: readonly number[]) => executor().integers(values, [values.length]);

  const padded = (x: Tensor, padding: number, value: number): Tensor => {
    if (padding === 0) return x;
    const paddings = executor().integers([0, 0, padding, padding, padding, padding, 0, 0], [4, 2]);
    const fill = executor().constant(Float32Array.of(value), []);
    return run('PadV2', [float32, type('Tpaddings', dataType.int32)], x, paddings, fill);
  };
  const cropped = (x: Tensor, padding: number, [n, h, w, c]: readonly number[]): Tensor =>
    padding === 0
      ? x
      : run(
          'Slice',
          [float32, type('Index', dataType.int32)],
          x,
          list([0, padding, padding, 0]),
          list([n, h, w, c]),
        );

  return {
    maxPool: (x, pool) => run('MaxPool', window(pool), padded(x, pool.padding, -Infinity)),
    maxPoolGradient(dy, x, y, pool) {
      const dx = run('MaxPoolGrad', window(pool), padded(x, pool.padding, -Infinity), y, dy);
      return cropped(dx, pool.padding, x.shape);
    },
    avgPool: (x, pool) => run('AvgPool', window(pool), padded(x, pool.padding, 0)),
    avgPoolGradient(dy, xShape, pool) {
      const [n, h, w, c] = xShape;
      const shape = list([n, h + 2 * pool.padding, w + 2 * pool.padding, c]);
      return cropped(run('AvgPoolGrad', window(pool), shape, dy), pool.padding, xShape);
    },
  };
}

function window({ kernel, stride }: PoolWindow): Attribute[] {
  return [
    float32,
    integers('ksize', [1, kernel, kernel, 1]),
    integers('strides', [1, stride, stride, 1]),
    text('padding', 'VALID'),
    channelsLast,
  ];
}
