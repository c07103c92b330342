import { Message, readInts, readMessage } from './protobuf.ts';

/** The messages of ONNX that are written here; field numbers are those of onnx.proto (github.com/onnx/onnx). */

export interface OnnxTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** A float tensor of which only some entries are stored; all others are 0. */
export interface OnnxSparseTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array;
  /** Positions in the row-major tensor, ascending. */
  indices: ArrayLike<number>;
}

export interface OnnxNode {
  name: string;
  type: string;
  inputs: readonly string[];
  output: string;
  /** Whole numbers and lists of them; `epsilon` is a float. */
  attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface OnnxValue {
  name: string;
  /** A text is the name of a size that is known at run time only. */
  shape: readonly (number | string)[];
}

export interface OnnxModel {
  nodes: readonly OnnxNode[];
  tensors: readonly OnnxTensor[];
  sparseTensors: readonly OnnxSparseTensor[];
  input: OnnxValue;
  output: OnnxValue;
  metadata: Readonly<Record<string, string>>;
}

const dataTypes = { float: 1, int64: 7 } as const;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;
/** IR version 8 came with opset 17 (ONNX 1.12); older readers know neither. */
const irVersion = 8;
const opset = 17;

/** A ModelProto. */
export function encodeModel({ nodes, tensors, sparseTensors, input, output, metadata }: OnnxModel): Message {
  const graph = new Message()
    .messages(1, nodes.map(encodeNode))
    .text(2, 'network')
    .messages(5, tensors.map(encodeTensor))
    .message(11, encodeValue(input))
    .message(12, encodeValue(output))
    .messages(15, sparseTensors.map(encodeSparseTensor));
  const properties = Object.entries(metadata).map(([key, value]) =>
    new Message().text(1, key).text(2, value),
  );
  return new Message()
    .int(1, irVersion)
    .text(2, 'Filigree')
    .message(7, graph)
    .message(8, new Message().text(1, '').int(2, opset))
    .messages(14, properties);
}

function encodeNode({ name, type, inputs, output, attributes = {} }: OnnxNode): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  return message
    .text(2, output)
    .text(3, name)
    .text(4, type)
    .messages(5, Object.entries(attributes).map(encodeAttribute));
}

function encodeAttribute([name, value]: [string, number | readonly number[]]): Message {
  const message = new Message().text(1, name);
  if (name === 'epsilon') return message.float(2, value as number).int(20, attributeTypes.float);
  if (typeof value === 'number') return message.int(3, value).int(20, attributeTypes.int);
  return message.ints(8, value).int(20, attributeTypes.ints);
}

function encodeTensor({ name, shape, values }: OnnxTensor): Message {
  const type = values instanceof Float32Array ? dataTypes.float : dataTypes.int64;
  return new Message()
    .ints(1, shape)
    .int(2, type)
    .text(8, name)
    .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** The positions are varints: three bytes in most layers where raw data would take eight. */
function encodeSparseTensor({ name, shape, values, indices }: OnnxSparseTensor): Message {
  const positions = new Message().ints(1, [indices.length]).int(2, dataTypes.int64).ints(7, indices);
  return new Message()
    .message(1, encodeTensor({ name, shape: [values.length], values }))
    .message(2, positions)
    .ints(3, shape);
}

function encodeValue({ name, shape }: OnnxValue): Message {
  const dimensions = shape.map((size) =>
    typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size),
  );
  const type = new Message().int(1, dataTypes.float).message(2, new Message().messages(1, dimensions));
  return new Message().text(1, name).message(2, new Message().message(1, type));
}

/**
 * The float tensors of a ModelProto, dense.
 * @throws Error naming the tensor whose data do not fit its shape
 */
export function decodeTensors(file: Uint8Array): { name: string; shape: number[]; values: Float32Array }[] {
  const graph = fieldsOf(file).get(7)?.[0];
  if (!graph) throw new Error('the file holds no ONNX graph');
  const fields = fieldsOf(graph);
  const dense = (fields.get(5) ?? []).map(decodeTensor).filter(({ type }) => type === dataTypes.float);
  const sparse = (fields.get(15) ?? []).map(decodeSparseTensor);
  return [...dense.map(({ name, shape, values }) => ({ name, shape, values })), ...sparse];
}

/** The fields that have bytes (messages, texts, packed numbers), by number; of a single int its varint is lost. */
function fieldsOf(message: Uint8Array): Map<number, Uint8Array[]> {
  const fields = new Map<number, Uint8Array[]>();
  for (const { field, value } of readMessage(message)) {
    if (value instanceof Uint8Array) fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

function decodeTensor(message: Uint8Array) {
  const fields = fieldsOf(message);
  const type = [...readMessage(message)].find(({ field }) => field === 2)?.value;
  const name = Buffer.from(fields.get(8)?.[0] ?? []).toString();
  const shape = readInts(fields.get(1)?.[0] ?? new Uint8Array());
  const values = new Float32Array(new Uint8Array(fields.get(9)?.[0] ?? []).buffer);
  if (type === dataTypes.float && values.length !== product(shape))
    throw new Error(`${name} of shape [${shape.join(', ')}] has ${values.length} values`);
  return { type, name, shape, values };
}

function decodeSparseTensor(message: Uint8Array) {
  const fields = fieldsOf(message);
  const { name, values: stored } = decodeTensor(fields.get(1)![0]);
  const positions = readInts(fieldsOf(fields.get(2)![0]).get(7)?.[0] ?? new Uint8Array());
  const shape = readInts(fields.get(3)![0]);
  const values = new Float32Array(product(shape));
  if (positions.length !== stored.length || positions.some((at) => at >= values.length))
    throw new Error(
      `${name} has ${positions.length} positions for ${stored.length} of ${values.length} values`,
    );
  positions.forEach((at, i) => (values[at] = stored[i]));
  return { name, shape, values };
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
