import { UserError } from '../../../../shared/errors.ts';
import { loadBinding } from '../libtensorflow/binding.ts';
import { libTensorflowOps } from '../libtensorflow/ops.ts';

export interface Verified {
  /** As TensorFlow says it. */
  version: string;
  /** Whether it computes on a GPU here. */
  usesGpu: boolean;
}

/**
 * Loads an addon with its TensorFlow and computes, as one function, a product and a convolution whose results are known.
 * @throws UserError `wrong-results`; the loader's Error where it does not load
 */
export async function verify(addon: string): Promise<Verified> {
  const binding = loadBinding(addon);
  const ops = libTensorflowOps(binding, 'traced');
  const tensor = (shape: readonly number[], ...values: number[]) =>
    ops.upload(Float32Array.from(values), shape);
  const known = ops.program('known values', ([a, b, image, filter]) => [
    ops.matMul(a, b),
    ops.conv2d(image, filter, { stride: 1, padding: 1 }),
  ]);
  const [product, convolved] = known([
    tensor([2, 2], 1, 2, 3, 4),
    tensor([2, 2], 5, 6, 7, 8),
    tensor([1, 3, 3, 1], 1, 2, 3, 4, 5, 6, 7, 8, 9),
    tensor([3, 3, 1, 1], 1, 1, 1, 1, 1, 1, 1, 1, 1),
  ]);
  check('a matrix product', await ops.read(product), [19, 22, 43, 50]);
  check('a convolution', await ops.read(convolved), [12, 21, 16, 27, 45, 33, 24, 39, 28]);
  ops.dispose();
  return { version: binding.TF_Version, usesGpu: binding.isUsingGpuDevice() };
}

function check(what: string, found: Float32Array, expected: readonly number[]): void {
  if (found.join() === expected.join()) return;
  throw new UserError(
    'wrong-results',
    `TensorFlow computes ${what} as ${found.join(' ')} instead of ${expected.join(' ')}`,
  );
}
