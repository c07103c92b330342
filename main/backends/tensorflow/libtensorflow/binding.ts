import { createRequire } from 'node:module';

/** TF_DataType. */
export const dataType = { float32: 1, int32: 3, uint8: 4, bool: 10, resource: 20 } as const;

/** An attribute of an operation, as `executeOp` and `FunctionGraph.operation` take it: see attributes.ts. */
export interface Attribute {
  name: string;
  /** TF_AttrType. */
  type: number;
  value: string | number | boolean | readonly number[];
}

/** A tensor as the binding returns it. */
export interface TensorInfo {
  id: number;
  dtype: number;
  shape: number[];
}

/** A value of a graph; shape is null where TensorFlow cannot infer it. */
export interface GraphValue {
  id: number;
  type: number;
  shape: number[] | null;
}

/** A computation being recorded: native/function_graph.h. */
export interface FunctionGraph {
  input(type: number, shape: readonly number[]): GraphValue;
  variable(type: number, shape: readonly number[]): GraphValue;
  constant(type: number, shape: readonly number[], data: Float32Array | Int32Array): GraphValue;
  operation(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly (number | readonly number[])[],
    after: readonly number[],
  ): { operation: number; outputs: GraphValue[] };
  setShape(id: number, shape: readonly number[]): void;
  define(
    name: string,
    inputs: readonly number[],
    outputs: readonly number[],
    operations: readonly number[],
  ): void;
  delete(): void;
}

/** An operation of a recording; its inputs are numbers of tensors. */
export interface RecordedOperation {
  name: string;
  attributes: readonly Attribute[];
  inputs: readonly number[];
  outputs: number;
}

/** Operations that run again without a way through JavaScript between them: native/recording.h. */
export interface Recording {
  run(inputs: readonly number[]): number[];
  delete(): void;
}

export interface Device {
  name: string;
  /** CPU, GPU, … */
  type: string;
  /** What TensorFlow may use; says nothing on a CPU. */
  memoryBytes: number;
}

/** What the addon exports: tfjs-node-gpu's binding and, below the line, our extension of it (native/extension.cc). */
export interface Binding {
  TF_Version: string;
  isUsingGpuDevice(): boolean;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorInfo[];
  deleteTensor(id: number): void;
  getNumOfTensors(): number;
  // ---
  upload(type: number, shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): number;
  /** The shape is that of the tensor, [N, H, W, C] or [N, C]; the images are [N][C][H][W]. */
  uploadImages(
    shape: readonly number[],
    images: Float32Array | Uint8Array,
    scale: readonly number[],
    shift: readonly number[],
  ): number;
  read(id: number): Promise<Float32Array>;
  devices(): Device[];
  removeFunction(name: string): void;
  FunctionGraph: new () => FunctionGraph;
  Recording: new (
    operations: readonly RecordedOperation[],
    inputs: number,
    captured: readonly number[],
    results: readonly number[],
  ) => Recording;
}

/**
 * Loads the addon, and libtensorflow with it, into this process. Opened by its path: where tfjs-node-gpu lies and
 * which Node or Electron this is does not matter.
 * @throws Error of the dynamic loader, or where the addon is not ours
 */
export function loadBinding(path: string): Binding {
  const binding = createRequire(import.meta.url)(path) as Binding;
  if (typeof binding.FunctionGraph !== 'function')
    throw new Error(`${path} is not Filigree's TensorFlow addon`);
  return binding;
}
