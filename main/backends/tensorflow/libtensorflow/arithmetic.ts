import type { Ops } from '../ops.ts';
import { flag, float32, type } from './attributes.ts';
import { dataType, type Attribute } from './binding.ts';
import type { Executor, NativeTensor } from './executor.ts';

type Tensor = NativeTensor;
export type Arithmetic = Pick<
  Ops<Tensor>,
  | 'toFloat'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'sqrt'
  | 'square'
  | 'nonZero'
  | 'equal'
  | 'select'
  | 'sum'
  | 'matMul'
>;

const compare = [float32, flag('incompatible_shape_error', true)];
const cast = (from: number, to: number): Attribute[] => [
  type('SrcT', from),
  type('DstT', to),
  flag('Truncate', false),
];
const indices = (name: string) => type(name, dataType.int32);

/** Elementwise operations, reductions and products. */
export function arithmetic(executor: () => Executor): Arithmetic {
  const run = (operation: string, attributes: readonly Attribute[], ...inputs: Tensor[]): Tensor =>
    executor().execute(operation, attributes, inputs, 1)[0];
  const unary = (operation: string) => (x: Tensor) => run(operation, [float32], x);
  const binary = (operation: string) => (a: Tensor, b: Tensor) => run(operation, [float32], a, b);
  const zero = () => executor().constant(Float32Array.of(0), []);
  const convert = (x: Tensor, to: number): Tensor => (x.type === to ? x : run('Cast', cast(x.type, to), x));
  const toFloat = (x: Tensor) => convert(x, dataType.float32);

  return {
    toFloat,
    add: binary('AddV2'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('RealDiv'),
    maximum: binary('Maximum'),
    minimum: binary('Minimum'),
    sqrt: unary('Sqrt'),
    square: unary('Square'),
    nonZero: (x) => toFloat(run('NotEqual', compare, x, zero())),
    equal: (a, b) => toFloat(run('Equal', compare, a, b)),
    select: (mask, a, b) => run('SelectV2', [float32], convert(mask, dataType.bool), a, b),
    sum: (x, axes, keepDims = false) =>
      run(
        'Sum',
        [float32, indices('Tidx'), flag('keep_dims', keepDims)],
        x,
        executor().integers(axes, [axes.length]),
      ),
    matMul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      run('MatMul', [float32, flag('transpose_a', transposeA), flag('transpose_b', transposeB)], a, b),
  };
}
