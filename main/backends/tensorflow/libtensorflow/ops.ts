import { threadsOf } from '../environment.ts';
import type { Ops, Variable } from '../ops.ts';
import { arithmetic } from './arithmetic.ts';
import { arrangement } from './arrangement.ts';
import { flag, float32, float32Variable } from './attributes.ts';
import type { Binding } from './binding.ts';
import { EagerExecutor } from './eager.ts';
import type { Executor, NativeTensor, Resource } from './executor.ts';
import { layers } from './layers.ts';
import { pooling } from './pooling.ts';
import { Programs, type Execution } from './programs.ts';

export type { Execution } from './programs.ts';

/**
 * The operations over libtensorflow's own kernels.
 * @param execution `traced` runs a program as one TensorFlow function, `xla` compiles that function, `eager` runs one
 *   operation at a time and is what the others are held against
 * @param batchParts for `traced`, whose functions run operations that do not wait for each other at once
 */
export function libTensorflowOps(binding: Binding, execution: Execution, batchParts = 1): Ops<NativeTensor> {
  const eager = new EagerExecutor(binding);
  const programs = new Programs(eager, execution);
  const executor = (): Executor => programs.executor;
  const resources = new WeakMap<Variable<NativeTensor>, Resource>();
  const resourceOf = (variable: Variable<NativeTensor>): Resource => {
    const resource = resources.get(variable);
    if (!resource) throw new Error('a variable of another engine');
    return resource;
  };

  const variable = (data: Float32Array, shape: readonly number[]): Variable<NativeTensor> => {
    const resource = eager.createResource(data, shape);
    const handle: Variable<NativeTensor> = {
      shape,
      value: () => executor().readResource(resource),
      assign: (value) =>
        executor().changeResources('AssignVariableOp', [float32Variable], [resource], [value]),
      read: () => eager.downloadResource(resource),
      write: (values) => eager.writeResource(resource, values),
      free: () => eager.freeResource(resource),
    };
    resources.set(handle, resource);
    return handle;
  };

  return {
    describe: () => describe(binding, execution),
    batchParts,
    fuses: execution !== 'eager',
    upload: (data, shape) => eager.upload(data, shape),
    uploadImages: (images, count, as) => eager.uploadImages(images, count, as),
    read: (tensor) => binding.read(eager.idOf(tensor)),
    free: (tensor) => eager.free(tensor),
    shapeOf: ({ shape }) => shape,
    variable,
    program: (name, body) => programs.program(name, body),
    constant: (values, shape) => executor().constant(Float32Array.from(values), shape),

    ...arithmetic(executor),
    ...arrangement(executor),
    ...layers(executor),
    ...pooling(executor),

    momentumStep(theta, u, g, learningRate, momentum, nesterov) {
      const attributes = [float32, flag('use_locking', false), flag('use_nesterov', nesterov)];
      const variables = [resourceOf(theta), resourceOf(u)];
      executor().changeResources('ResourceApplyMomentum', attributes, variables, [learningRate, g, momentum]);
    },
    gradientStep(theta, g, learningRate) {
      const attributes = [float32, flag('use_locking', false)];
      executor().changeResources(
        'ResourceApplyGradientDescent',
        attributes,
        [resourceOf(theta)],
        [learningRate, g],
      );
    },

    memoryBytes: () => eager.memoryBytes(),
    liveTensors: () => eager.liveTensors(),
    dispose() {
      programs.dispose();
      eager.dispose();
    },
  };
}

/** `TensorFlow 2.21.0, CPU, 2 threads, traced`. */
export function describe(binding: Binding, execution: Execution): string {
  const threads = threadsOf(process.env).all;
  const device = binding.isUsingGpuDevice()
    ? 'GPU'
    : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `TensorFlow ${binding.TF_Version}, ${device}, ${execution}`;
}
