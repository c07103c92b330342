import { UserError, show } from './errors.ts';

/**
 * The safetensors file format: a little-endian u64 header length, a JSON header, then the tensors' bytes in
 * C order without holes (github.com/huggingface/safetensors, README "Format").
 */
const bytesPerElement = { F32: 4, F64: 8, I32: 4, I64: 8, U8: 1, BOOL: 1 } as const;

export type Dtype = keyof typeof bytesPerElement;
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface Tensor {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Row-major; F32, F64 and I32 as their typed arrays, I64 as BigInt64Array, U8 and BOOL (0 or 1) as bytes. */
  data: TensorData;
}

/** The reference implementation refuses larger headers. */
const maxHeaderBytes = 100_000_000;
/** Tensors start at a multiple of this, so that readers can map them; the reference writer does the same. */
const alignment = 8;

/**
 * @returns one file as bytes; the same tensors and metadata give the same bytes
 * @throws Error naming the tensor whose data does not fit its dtype and shape, or whose name is taken
 */
export function encodeSafetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const chunks = encodeSafetensorsChunks(tensors, metadata);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** As `encodeSafetensors`, but header and tensors stay separate: large files are written without a second copy. */
export function encodeSafetensorsChunks(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  // Wider elements first keeps every tensor aligned to its element size, as the reference writer does.
  const ordered = [...tensors].sort(
    (a, b) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const tensor of ordered) {
    checkTensor(tensor);
    if (tensor.name in header) throw new Error(`tensor ${show(tensor.name)}: the name is used twice`);
    const end = offset + tensor.data.byteLength;
    header[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.byteLength / alignment) * alignment;
  if (headerBytes > maxHeaderBytes)
    throw new Error(`the header takes ${headerBytes} bytes, more than ${maxHeaderBytes}`);
  const head = new Uint8Array(8 + headerBytes).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  return [head, ...ordered.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

function checkTensor({ name, dtype, shape, data }: Tensor): void {
  const array = arrayOf[dtype];
  if (name === '__metadata__') throw new Error(`tensor ${show(name)}: the name is reserved by the format`);
  if (!(data instanceof array)) {
    throw new Error(
      `tensor ${show(name)}: ${dtype} is stored as ${array.name}, got ${data.constructor.name}`,
    );
  }
  if (product(shape) !== data.length) {
    throw new Error(
      `tensor ${show(name)}: shape [${shape.join(', ')}] does not hold ${data.length} elements`,
    );
  }
}

const arrayOf = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/**
 * Reads a whole file, strictly: lengths, offsets, holes and overlaps are all checked before any tensor is used.
 * @returns tensors in file order, each with data of its own, and the metadata
 * @throws UserError `bad-safetensors` saying what is wrong, with the tensor's name where there is one
 */
export function decodeSafetensors(file: Uint8Array): { tensors: Tensor[]; metadata: Record<string, string> } {
  const { start, places, metadata } = readSafetensorsLayout(file, file.byteLength);
  return { tensors: places.map((place) => readTensor(file, start, place)), metadata };
}

/** What a file holds and where, without its data. */
export interface SafetensorsLayout {
  /** Where the data begins; the places of tensors count from here. */
  start: number;
  /** In file order, without holes. */
  places: TensorPlace[];
  metadata: Record<string, string>;
}

/** Bytes of the header, of which a reader needs the first 8 to know. @throws UserError `bad-safetensors` */
export function safetensorsHeaderBytes(head: Uint8Array): number {
  if (head.byteLength < 8)
    throw bad(`the file has ${head.byteLength} bytes; even an empty one has more than 8`);
  const headerBytes = new DataView(head.buffer, head.byteOffset, head.byteLength).getBigUint64(0, true);
  if (headerBytes > maxHeaderBytes)
    throw bad(`it declares a header of ${headerBytes} bytes, more than ${maxHeaderBytes}`);
  return 8 + Number(headerBytes);
}

/**
 * Reads the header of a file as strictly as `decodeSafetensors`.
 * @param head the beginning of the file, the header at least
 * @param fileBytes size of the whole file
 * @throws UserError `bad-safetensors`
 */
export function readSafetensorsLayout(head: Uint8Array, fileBytes: number): SafetensorsLayout {
  const start = safetensorsHeaderBytes(head);
  if (start > head.byteLength)
    throw bad(`its header should end at byte ${start}, but the file has ${head.byteLength}`);
  const header = parseHeader(head.subarray(8, start));
  const metadata = readMetadata(header.__metadata__);
  const places = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readPlace(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const place of places) {
    if (place.begin !== end) {
      const what = place.begin < end ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw bad(`tensor ${show(place.name)} ${what}: it starts at ${place.begin}, expected ${end}`);
    }
    end = place.end;
  }
  if (start + end !== fileBytes) {
    throw bad(`its tensors end at byte ${start + end}, but the file has ${fileBytes}`);
  }
  return { start, places, metadata };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw bad(`its header is not JSON (${(error as Error).message})`);
  }
  if (!isRecord(header)) throw bad('its header is not a JSON object');
  return header;
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw bad('__metadata__ must map texts to texts');
  }
  return metadata as Record<string, string>;
}

export interface TensorPlace {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function readPlace(name: string, entry: unknown): TensorPlace {
  const tensor = `tensor ${show(name)}`;
  if (!isRecord(entry)) throw bad(`${tensor} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    throw bad(`${tensor} has dtype ${show(dtype)}; readable are ${Object.keys(bytesPerElement).join(', ')}`);
  }
  if (!isCounts(shape)) throw bad(`${tensor} has shape ${show(shape)}, not a list of sizes`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw bad(`${tensor} has data_offsets ${show(offsets)}, not [begin, end]`);
  }
  const [begin, end] = offsets;
  const wanted = product(shape) * bytesPerElement[dtype as Dtype];
  if (end - begin !== wanted) {
    throw bad(
      `${tensor} of shape [${shape.join(', ')}] needs ${wanted} bytes, but its offsets span ${end - begin}`,
    );
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function readTensor(
  file: Uint8Array,
  start: number,
  { name, dtype, shape, begin, end }: TensorPlace,
): Tensor {
  // A copy of its own: the file's bytes need not be aligned, and a view would keep the whole file in memory.
  const bytes = new Uint8Array(file.subarray(start + begin, start + end));
  if (dtype === 'BOOL' && bytes.some((byte) => byte > 1))
    throw bad(`tensor ${show(name)} holds a BOOL that is not 0 or 1`);
  return { name, dtype, shape, data: new arrayOf[dtype](bytes.buffer) };
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const bad = (why: string) => new UserError('bad-safetensors', `not a readable safetensors file: ${why}`);
