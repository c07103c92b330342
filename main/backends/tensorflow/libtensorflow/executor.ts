import type { Attribute } from './binding.ts';

/** A tensor of libtensorflow, or of a graph being traced. */
export interface NativeTensor {
  readonly id: number;
  /** TF_DataType. */
  readonly type: number;
  readonly shape: readonly number[];
  /** What it exists in: a trace, or TensorFlow's eager context. */
  readonly executor: Executor;
}

/** A resource variable of libtensorflow: holds a tensor of float32 between programs. */
export interface Resource {
  readonly handle: NativeTensor;
  readonly shape: readonly number[];
}

/** One list stands for an input that takes several tensors. */
export type Input = NativeTensor | readonly NativeTensor[];

export function isList(input: Input): input is readonly NativeTensor[] {
  return Array.isArray(input);
}

/**
 * The one way by which operations reach TensorFlow. It runs them at once (eager.ts) or records them (trace.ts); what
 * is above does not know which.
 */
export interface Executor {
  execute(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Input[],
    outputs: number,
  ): NativeTensor[];
  constant(data: Float32Array, shape: readonly number[]): NativeTensor;
  /** Whole numbers that an operation takes as argument (axes, shapes). Belongs to the executor. */
  integers(values: readonly number[], shape: readonly number[]): NativeTensor;
  readResource(resource: Resource): NativeTensor;
  /**
   * Runs an operation that changes resources, which are its first inputs.
   * @throws Error where one of them was changed before in this program
   */
  changeResources(
    operation: string,
    attributes: readonly Attribute[],
    resources: readonly Resource[],
    inputs: readonly NativeTensor[],
  ): void;
}

/** Holds a program to the rule that a variable is assigned at most once. */
export class AssignmentRule {
  readonly #program: string;
  readonly #assigned = new Set<Resource>();

  constructor(program: string) {
    this.#program = program;
  }

  assign(resource: Resource): void {
    if (this.#assigned.has(resource)) {
      throw new Error(
        `program ${this.#program}: a variable [${resource.shape.join(', ')}] is assigned twice`,
      );
    }
    this.#assigned.add(resource);
  }
}
