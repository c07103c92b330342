import { activationShape } from '../images.ts';
import type { ImageInput } from '../ops.ts';
import { flag, float32Variable, integer, shape as shapeAttribute, text } from './attributes.ts';
import { dataType, type Attribute, type Binding, type Recording } from './binding.ts';
import {
  AssignmentRule,
  isList,
  type Executor,
  type Input,
  type NativeTensor,
  type Resource,
} from './executor.ts';
import { Recorder } from './recorder.ts';

const bytesPerEntry: Readonly<Record<number, number>> = {
  [dataType.float32]: 4,
  [dataType.int32]: 4,
  [dataType.uint8]: 1,
  [dataType.bool]: 1,
};

/** ResourceHandle::ANONYMOUS_NAME of TensorFlow. */
const anonymousName = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A program that ran once, and can run again on inputs of the same shapes. */
export interface RecordedProgram {
  recording: Recording;
  /** Types and shapes of its results. */
  results: readonly Pick<NativeTensor, 'type' | 'shape'>[];
}

/** Runs every operation at once, and knows which tensors are alive. */
export class EagerExecutor implements Executor {
  readonly binding: Binding;
  readonly #live = new Map<number, NativeTensor>();
  readonly #resources = new Set<Resource>();
  readonly #integers = new Map<string, NativeTensor>();
  /** What the running program has made so far. */
  #scope: NativeTensor[] | undefined;
  #rule: AssignmentRule | undefined;
  #recorder: Recorder | undefined;

  constructor(binding: Binding) {
    this.binding = binding;
  }

  execute(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Input[],
    outputs: number,
  ): NativeTensor[] {
    const ids: number[] = [];
    let all = attributes;
    for (const input of inputs) {
      if (isList(input)) {
        all = [...all, integer('N', input.length)];
        for (const tensor of input) ids.push(this.idOf(tensor));
      } else ids.push(this.idOf(input));
    }
    return this.run(operation, all, ids, outputs);
  }

  /** Runs an operation or a function on tensors by number. */
  run(
    name: string,
    attributes: readonly Attribute[],
    ids: readonly number[],
    outputs: number,
  ): NativeTensor[] {
    const results = this.binding.executeOp(name, attributes, ids, outputs);
    this.#recorder?.add(
      name,
      attributes,
      ids,
      results.map(({ id }) => id),
    );
    return results.map(({ id, dtype, shape }) => this.#keep(id, dtype, shape));
  }

  /** Runs what `program` has recorded on tensors of the same shapes. */
  repeat({ recording, results }: RecordedProgram, inputs: readonly NativeTensor[]): NativeTensor[] {
    const ids = recording.run(inputs.map((tensor) => this.idOf(tensor)));
    return ids.map((id, i) => this.#keep(id, results[i].type, results[i].shape));
  }

  upload(data: Float32Array | Uint8Array, shape: readonly number[]): NativeTensor {
    const type = data instanceof Float32Array ? dataType.float32 : dataType.uint8;
    return this.#keep(this.binding.upload(type, shape, data), type, shape);
  }

  uploadImages(images: Float32Array | Uint8Array, count: number, as: ImageInput): NativeTensor {
    const shape = activationShape(count, as.shape);
    const { scale, shift } = as;
    return this.#keep(this.binding.uploadImages(shape, images, scale, shift), dataType.float32, shape);
  }

  constant(data: Float32Array, shape: readonly number[]): NativeTensor {
    return this.upload(data, shape);
  }

  integers(values: readonly number[], shape: readonly number[]): NativeTensor {
    const key = `${shape.join()}:${values.join()}`;
    let tensor = this.#integers.get(key);
    if (!tensor) {
      const id = this.binding.upload(dataType.int32, shape, Int32Array.from(values));
      tensor = { id, type: dataType.int32, shape, executor: this };
      this.#integers.set(key, tensor);
    }
    return tensor;
  }

  readResource(resource: Resource): NativeTensor {
    return this.execute('ReadVariableOp', [float32Variable], [resource.handle], 1)[0];
  }

  changeResources(
    operation: string,
    attributes: readonly Attribute[],
    resources: readonly Resource[],
    inputs: readonly NativeTensor[],
  ): void {
    for (const resource of resources) this.#rule?.assign(resource);
    this.execute(operation, attributes, [...resources.map(({ handle }) => handle), ...inputs], 0);
  }

  createResource(data: Float32Array, shape: readonly number[]): Resource {
    // An anonymous resource: equal attributes for all of them, so that TensorFlow's cache of kernels does not grow.
    const attributes = [
      float32Variable,
      shapeAttribute('shape', shape),
      text('container', ''),
      text('shared_name', anonymousName),
    ];
    const [{ id }] = this.binding.executeOp('VarHandleOp', attributes, [], 1);
    const resource = { handle: { id, type: dataType.resource, shape: [], executor: this }, shape };
    this.#resources.add(resource);
    this.writeResource(resource, data);
    return resource;
  }

  /** Sets a resource's value from outside of programs. */
  writeResource({ handle, shape }: Resource, data: Float32Array): void {
    const id = this.binding.upload(dataType.float32, shape, data);
    this.binding.executeOp('AssignVariableOp', [float32Variable], [handle.id, id], 0);
    this.binding.deleteTensor(id);
  }

  /** A copy of a resource's value. */
  async downloadResource({ handle }: Resource): Promise<Float32Array> {
    const [{ id }] = this.binding.executeOp('ReadVariableOp', [float32Variable], [handle.id], 1);
    const value = this.binding.read(id);
    this.binding.deleteTensor(id);
    return value;
  }

  freeResource(resource: Resource): void {
    if (!this.#resources.delete(resource)) throw new Error('a variable is freed already');
    this.#destroy(resource);
  }

  /**
   * Runs a program's body, frees what it has made except its results, and records what it did.
   * @param body must return tensors that it made, each once
   */
  program(
    name: string,
    inputs: readonly NativeTensor[],
    body: () => NativeTensor[],
  ): { results: NativeTensor[]; recorded: RecordedProgram } {
    const made: NativeTensor[] = (this.#scope = []);
    const recorder = (this.#recorder = new Recorder(inputs.map((tensor) => this.idOf(tensor))));
    this.#rule = new AssignmentRule(name);
    const results = new Set<NativeTensor>();
    try {
      const yielded = body();
      const ids = yielded.map((tensor) => this.idOf(tensor));
      const recorded = { recording: recorder.finish(this.binding, ids), results: yielded };
      for (const tensor of yielded) results.add(tensor);
      return { results: yielded, recorded };
    } finally {
      this.#scope = undefined;
      this.#recorder = undefined;
      this.#rule = undefined;
      for (const tensor of made) if (!results.has(tensor)) this.free(tensor);
    }
  }

  free(tensor: NativeTensor): void {
    if (!this.#live.delete(this.idOf(tensor))) throw new Error(`tensor ${tensor.id} is freed already`);
    this.binding.deleteTensor(tensor.id);
  }

  /** @throws Error for a tensor of a program being traced, which has no value yet */
  idOf(tensor: NativeTensor): number {
    if (tensor.executor !== this) throw new Error('a tensor of one program is used outside of it');
    return tensor.id;
  }

  liveTensors(): number {
    return this.#live.size + this.#resources.size;
  }

  memoryBytes(): number {
    let bytes = 0;
    for (const { type, shape } of this.#live.values()) bytes += bytesPerEntry[type] * sizeOf(shape);
    for (const { shape } of this.#resources) bytes += bytesPerEntry[dataType.float32] * sizeOf(shape);
    return bytes;
  }

  dispose(): void {
    for (const resource of this.#resources) this.#destroy(resource);
    this.#resources.clear();
    for (const id of this.#live.keys()) this.binding.deleteTensor(id);
    for (const { id } of this.#integers.values()) this.binding.deleteTensor(id);
    this.#live.clear();
    this.#integers.clear();
  }

  #destroy({ handle }: Resource): void {
    this.binding.executeOp('DestroyResourceOp', [flag('ignore_lookup_error', false)], [handle.id], 0);
    this.binding.deleteTensor(handle.id);
  }

  #keep(id: number, type: number, shape: readonly number[]): NativeTensor {
    const tensor = { id, type, shape, executor: this };
    this.#live.set(id, tensor);
    this.#scope?.push(tensor);
    return tensor;
  }
}
