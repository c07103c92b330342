type Numbers = Float32Array | Uint8Array;

/**
 * How a parameter lies on the engine: convolution filters as [kh, kw, in, out] instead of [out, in, kh, kw],
 * everything else as it is.
 */
export interface Layout {
  /** On the engine. */
  shape: readonly number[];
  toEngine<A extends Numbers>(data: A): A;
  fromEngine<A extends Numbers>(data: A): A;
}

export function layoutOf(shape: readonly number[]): Layout {
  if (shape.length < 4) return { shape, toEngine: (data) => data, fromEngine: (data) => data };
  const [outputs, inputs, height, width] = shape;
  const area = height * width;
  return {
    shape: [height, width, inputs, outputs],
    toEngine: (data) => reversed(data, outputs, inputs, area),
    fromEngine: (data) => reversed(data, area, inputs, outputs),
  };
}

/** A copy of data [a][b][c] as [c][b][a]. */
function reversed<A extends Numbers>(data: A, a: number, b: number, c: number): A {
  const result = data.slice() as A;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) result[(k * b + j) * a + i] = data[(i * b + j) * c + k];
    }
  }
  return result;
}
