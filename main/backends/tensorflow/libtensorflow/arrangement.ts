import type { Ops } from '../ops.ts';
import { float32, integer, type } from './attributes.ts';
import { dataType, type Attribute } from './binding.ts';
import type { Executor, Input, NativeTensor } from './executor.ts';

type Tensor = NativeTensor;
export type Arrangement = Pick<
  Ops<Tensor>,
  'gather' | 'reshape' | 'transpose' | 'concat' | 'split' | 'stridedSlice' | 'pad'
>;

const indices = (name: string) => type(name, dataType.int32);

/** Operations that move numbers and compute none. */
export function arrangement(executor: () => Executor): Arrangement {
  const run = (operation: string, attributes: readonly Attribute[], ...inputs: Input[]): Tensor =>
    executor().execute(operation, attributes, inputs, 1)[0];
  const list = (values: readonly number[]) => executor().integers(values, [values.length]);

  return {
    gather(table, positions) {
      const cast = [type('SrcT', dataType.float32), type('DstT', dataType.int32)];
      const whole = run('Cast', cast, positions);
      const last = executor().integers([table.shape[0] - 1], []);
      const inside = run('Minimum', [type('T', dataType.int32)], whole, last);
      const attributes = [
        type('Tparams', dataType.float32),
        indices('Tindices'),
        indices('Taxis'),
        integer('batch_dims', 0),
      ];
      return run('GatherV2', attributes, table, inside, executor().integers([0], []));
    },
    reshape: (x, shape) => run('Reshape', [type('T', x.type), indices('Tshape')], x, list(shape)),
    transpose: (x, permutation) =>
      run('Transpose', [type('T', x.type), indices('Tperm')], x, list(permutation)),
    concat: (tensors, axis) =>
      run('ConcatV2', [float32, indices('Tidx')], tensors, executor().integers([axis], [])),
    split(x, sizes) {
      const attributes = [type('T', x.type), indices('Tlen'), integer('num_split', sizes.length)];
      const inputs = [x, list(sizes), executor().integers([0], [])];
      return executor().execute('SplitV', attributes, inputs, sizes.length);
    },
    stridedSlice(x, begin, end, strides) {
      const attributes = [
        type('T', x.type),
        indices('Index'),
        ...['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((mask) =>
          integer(mask, 0),
        ),
      ];
      return run('StridedSlice', attributes, x, list(begin), list(end), list(strides));
    },
    pad: (x, paddings) =>
      run(
        'Pad',
        [type('T', x.type), indices('Tpaddings')],
        x,
        executor().integers(paddings.flat(), [paddings.length, 2]),
      ),
  };
}
