/** Points of one series: columns of equal length, steps never decreasing, wall times in milliseconds. */
export interface Points {
  steps: Float64Array;
  values: Float64Array;
  wallMs: Float64Array;
}

/** Points per stored chunk: large enough to read a million points in tens of milliseconds, small enough to rewrite. */
export const chunkSize = 512;

/**
 * Layout, little-endian: 8 bytes header (format 1, zeros), values as Float64, steps as Uint32 offsets to the first,
 * wall times as Float32 offsets to the first: 16 bytes per point. Values keep all their bits, NaN included; wall
 * times are rounded to 24 bits of the chunk's span (under 1 ms for spans up to four hours).
 */
const headerBytes = 8;
const format = 1;

export function encodeChunk({ steps, values, wallMs }: Points): Uint8Array {
  const n = steps.length;
  const bytes = new Uint8Array(headerBytes + 16 * n);
  bytes[0] = format;
  new Float64Array(bytes.buffer, headerBytes, n).set(values);
  new Uint32Array(bytes.buffer, headerBytes + 8 * n, n).set(steps.map((step) => step - steps[0]));
  new Float32Array(bytes.buffer, headerBytes + 12 * n, n).set(wallMs.map((wall) => wall - wallMs[0]));
  return bytes;
}

/** A chunk as its row holds it. */
export interface StoredChunk {
  n: number;
  first_step: number;
  first_wall: number;
  data: Uint8Array;
}

/** Decodes a chunk into `target` from index `at` on. */
function decodeChunk(chunk: StoredChunk, target: Points, at: number): void {
  const { n, data } = chunk;
  if (data[0] !== format || data.byteLength !== headerBytes + 16 * n) {
    throw new Error(`a chunk of ${n} points has format ${data[0]} and ${data.byteLength} bytes`);
  }
  const { buffer } = new Uint8Array(data); // SQLite's bytes need not be aligned
  target.values.set(new Float64Array(buffer, headerBytes, n), at);
  const steps = new Uint32Array(buffer, headerBytes + 8 * n, n);
  const walls = new Float32Array(buffer, headerBytes + 12 * n, n);
  for (let i = 0; i < n; i++) {
    target.steps[at + i] = chunk.first_step + steps[i];
    target.wallMs[at + i] = chunk.first_wall + walls[i];
  }
}

export function emptyPoints(length: number): Points {
  return {
    steps: new Float64Array(length),
    values: new Float64Array(length),
    wallMs: new Float64Array(length),
  };
}

/** All points of consecutive chunks. */
export function decodeChunks(chunks: readonly StoredChunk[]): Points {
  const points = emptyPoints(chunks.reduce((sum, chunk) => sum + chunk.n, 0));
  let at = 0;
  for (const chunk of chunks) {
    decodeChunk(chunk, points, at);
    at += chunk.n;
  }
  return points;
}

/** Points `from` (inclusive) to `to` (exclusive), as views. */
export function slicePoints({ steps, values, wallMs }: Points, from: number, to: number): Points {
  return {
    steps: steps.subarray(from, to),
    values: values.subarray(from, to),
    wallMs: wallMs.subarray(from, to),
  };
}

/** Index of the first point whose step is at least `step`. */
export function lowerBound(steps: Float64Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
