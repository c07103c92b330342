/** A page of samples of equal shape, as `DatasetPreview` brings them: [count][channels · height · width], bytes. */
export interface Samples {
  /** [channels, height, width]. */
  shape: readonly number[];
  samples: Uint8Array;
}

/**
 * One sample as RGBA. One channel is grey, three are colours; features without an image become a strip of cells, so
 * that tables have a picture too.
 * @returns pixels and their size
 */
export function samplePixels({ shape, samples }: Samples, index: number) {
  const [channels, height, width] = shape;
  const isVector = height === 1 && width === 1;
  const columns = isVector ? Math.ceil(Math.sqrt(channels)) : width;
  const rows = isVector ? Math.ceil(channels / columns) : height;
  const stride = channels * height * width;
  const sample = samples.subarray(index * stride, (index + 1) * stride);
  const data = new Uint8ClampedArray(columns * rows * 4);
  const area = isVector ? channels : height * width;
  for (let i = 0; i < area; i++) {
    const colour = !isVector && channels === 3;
    data[4 * i] = sample[i];
    data[4 * i + 1] = colour ? sample[area + i] : sample[i];
    data[4 * i + 2] = colour ? sample[2 * area + i] : sample[i];
    data[4 * i + 3] = 255;
  }
  return { data, columns, rows };
}
