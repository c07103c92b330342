import { float32Variable } from './attributes.ts';
import { dataType, type Attribute, type Binding, type FunctionGraph, type GraphValue } from './binding.ts';
import {
  AssignmentRule,
  isList,
  type Executor,
  type Input,
  type NativeTensor,
  type Resource,
} from './executor.ts';

/** A program defined as a TensorFlow function. */
export interface TracedFunction {
  name: string;
  /** Variables whose handles follow the program's own inputs. */
  captures: readonly Resource[];
  outputs: number;
}

/**
 * Records a program's operations into a graph. Variables become inputs of the graph by their handles; every change of
 * one waits for its read, happens whether or not a result needs it, and is waited for by what is read after it.
 */
export class Trace implements Executor {
  readonly #program: string;
  readonly #graph: FunctionGraph;
  readonly #rule: AssignmentRule;
  readonly #inputs: number[] = [];
  readonly #captures = new Map<Resource, NativeTensor>();
  readonly #reads = new Map<Resource, { value: NativeTensor; operation: number }>();
  readonly #changes = new Map<Resource, number>();
  readonly #integers = new Map<string, NativeTensor>();

  constructor(binding: Binding, program: string) {
    this.#program = program;
    this.#rule = new AssignmentRule(program);
    this.#graph = new binding.FunctionGraph();
  }

  /** An input of the function like this tensor. */
  input({ type, shape }: NativeTensor): NativeTensor {
    const value = this.#graph.input(type, shape);
    this.#inputs.push(value.id);
    return this.#tensor('input', value);
  }

  execute(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Input[],
    outputs: number,
  ): NativeTensor[] {
    const recorded = this.#record(operation, attributes, inputs, []);
    return recorded.outputs.slice(0, outputs).map((value) => this.#tensor(operation, value));
  }

  constant(data: Float32Array, shape: readonly number[]): NativeTensor {
    return this.#tensor('constant', this.#graph.constant(dataType.float32, shape, data));
  }

  integers(values: readonly number[], shape: readonly number[]): NativeTensor {
    const key = `${shape.join()}:${values.join()}`;
    let tensor = this.#integers.get(key);
    if (!tensor) {
      tensor = this.#tensor('constant', this.#graph.constant(dataType.int32, shape, Int32Array.from(values)));
      this.#integers.set(key, tensor);
    }
    return tensor;
  }

  readResource(resource: Resource): NativeTensor {
    const known = this.#reads.get(resource);
    if (known) return known.value;
    const change = this.#changes.get(resource);
    const after = change === undefined ? [] : [change];
    const read = this.#record('ReadVariableOp', [float32Variable], [this.#capture(resource)], after);
    this.#graph.setShape(read.outputs[0].id, resource.shape);
    const value = this.#tensor('ReadVariableOp', { ...read.outputs[0], shape: [...resource.shape] });
    this.#reads.set(resource, { value, operation: read.operation });
    return value;
  }

  changeResources(
    operation: string,
    attributes: readonly Attribute[],
    resources: readonly Resource[],
    inputs: readonly NativeTensor[],
  ): void {
    for (const resource of resources) this.#rule.assign(resource);
    const reads = resources.flatMap((resource) => this.#reads.get(resource)?.operation ?? []);
    const handles = resources.map((resource) => this.#capture(resource));
    const change = this.#record(operation, attributes, [...handles, ...inputs], reads).operation;
    for (const resource of resources) {
      this.#changes.set(resource, change);
      this.#reads.delete(resource);
    }
  }

  /** Registers what was recorded under a name. */
  define(name: string, results: readonly NativeTensor[]): TracedFunction {
    const captures = [...this.#captures];
    const inputs = [...this.#inputs, ...captures.map(([, handle]) => handle.id)];
    const outputs = results.map((tensor) => this.#idOf(tensor));
    this.#graph.define(name, inputs, outputs, [...new Set(this.#changes.values())]);
    return { name, captures: captures.map(([resource]) => resource), outputs: outputs.length };
  }

  /** Frees the graph; a function defined from it lives on. */
  delete(): void {
    this.#graph.delete();
  }

  #record(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Input[],
    after: readonly number[],
  ): { operation: number; outputs: GraphValue[] } {
    const ids = inputs.map((input) =>
      isList(input) ? input.map((tensor) => this.#idOf(tensor)) : this.#idOf(input),
    );
    return this.#graph.operation(operation, attributes, ids, after);
  }

  #capture(resource: Resource): NativeTensor {
    let handle = this.#captures.get(resource);
    if (!handle) {
      handle = this.#tensor('variable', this.#graph.variable(dataType.float32, resource.shape));
      this.#captures.set(resource, handle);
    }
    return handle;
  }

  #tensor(operation: string, { id, type, shape }: GraphValue): NativeTensor {
    if (shape) return { id, type, shape, executor: this };
    const program = this.#program;
    return {
      id,
      type,
      executor: this,
      get shape(): never {
        throw new Error(`program ${program}: the shape of ${operation}'s result is not known`);
      },
    };
  }

  #idOf(tensor: NativeTensor): number {
    if (tensor.executor === this) return tensor.id;
    throw new Error(
      `program ${this.#program}: a tensor [${tensor.shape.join(', ')}] from outside must be one of its inputs`,
    );
  }
}
