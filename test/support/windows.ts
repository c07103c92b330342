/** A convolution's sizes: batch, height and width, channels in and out, kernel, stride, padding. */
export type ConvolutionSizes = readonly [
  n: number,
  side: number,
  inputs: number,
  outputs: number,
  kernel: number,
  stride: number,
  padding: number,
];

export const outputSide = ([, side, , , kernel, stride, padding]: ConvolutionSizes) =>
  Math.floor((side + 2 * padding - kernel) / stride) + 1;

/**
 * The definition of a convolution and its two gradients, in double precision: y = Σ x·f, ∂f = Σ x·∂y, ∂x = Σ f·∂y
 * over images [N, H, W, C] and filters [kh, kw, in, out].
 */
export function convolve(
  sizes: ConvolutionSizes,
  { x, filter, dy }: { x: Float32Array; filter: Float32Array; dy: Float32Array },
): { y: Float64Array; dx: Float64Array; dFilter: Float64Array } {
  const [n, side, inputs, outputs, kernel, stride, padding] = sizes;
  const out = outputSide(sizes);
  const [y, dx, dFilter] = [dy, x, filter].map(({ length }) => new Float64Array(length));
  for (const [image, top, left, u, v] of positions(n, out, out, kernel, kernel)) {
    const row = top * stride + u - padding;
    const column = left * stride + v - padding;
    if (row < 0 || column < 0 || row >= side || column >= side) continue;
    for (const [i, o] of positions(inputs, outputs)) {
      const from = ((image * side + row) * side + column) * inputs + i;
      const to = ((image * out + top) * out + left) * outputs + o;
      const weight = ((u * kernel + v) * inputs + i) * outputs + o;
      y[to] += x[from] * filter[weight];
      dx[from] += filter[weight] * dy[to];
      dFilter[weight] += x[from] * dy[to];
    }
  }
  return { y, dx, dFilter };
}

/** Every index of an array of these sizes, row-major. */
export function* positions(...sizes: number[]): Generator<number[]> {
  if (sizes.length === 0) return yield [];
  for (let first = 0; first < sizes[0]; first++) {
    for (const rest of positions(...sizes.slice(1))) yield [first, ...rest];
  }
}
