import { emptyBits, forEachOne, type BitMatrix } from './bits.ts';

/**
 * How the weights of a layer are laid out for looking at them.
 * - matrix: outputs × inputs; for a convolution O × (I·kh·kw), as it is stored;
 * - inputs: I × (O·kh·kw), so that an input channel is a row;
 * - filters: every kernel as a kh × kw picture, one band of rows per output and one of columns per input channel;
 * - channels: (O·kh·kw) × I, the order in which sparse tensor cores group weights;
 * - fields: every row of a linear layer on images as a picture of its input, the pictures side by side.
 */
export type ArrangementKind = 'matrix' | 'inputs' | 'filters' | 'channels' | 'fields';

/** Height and width of the images that a linear layer sees; its columns are channels · height · width. */
export interface FieldShape {
  channels: number;
  height: number;
  width: number;
}

export interface Arrangement {
  kind: ArrangementKind;
  rows: number;
  columns: number;
  /** Entries after which a heavier line is drawn: the size of a kernel or a picture. */
  cell: { rows: number; columns: number } | undefined;
  /** The entry of the layer shown at a place, or -1 where nothing is. */
  indexAt(row: number, column: number): number;
  /** Where an entry of the layer is shown. */
  placeOf(index: number): { row: number; column: number };
}

/**
 * @param shape [out, in] or [out, in, kh, kw]
 * @param field for `fields`: the layer's inputs as images
 */
export function arrange(kind: ArrangementKind, shape: readonly number[], field?: FieldShape): Arrangement {
  const [outputs, inputs, kh = 1, kw = 1] = shape;
  const taps = kh * kw;
  const columns = inputs * taps;
  switch (kind) {
    case 'matrix':
      return {
        kind,
        rows: outputs,
        columns,
        cell: taps > 1 ? { rows: 1, columns: taps } : undefined,
        indexAt: (row, column) => row * columns + column,
        placeOf: (index) => ({ row: Math.floor(index / columns), column: index % columns }),
      };
    case 'inputs':
      return {
        kind,
        rows: inputs,
        columns: outputs * taps,
        cell: taps > 1 ? { rows: 1, columns: taps } : undefined,
        indexAt: (row, column) => Math.floor(column / taps) * columns + row * taps + (column % taps),
        placeOf: (index) => {
          const within = index % columns;
          return {
            row: Math.floor(within / taps),
            column: Math.floor(index / columns) * taps + (within % taps),
          };
        },
      };
    case 'filters':
      return {
        kind,
        rows: outputs * kh,
        columns: inputs * kw,
        cell: { rows: kh, columns: kw },
        indexAt: (row, column) =>
          Math.floor(row / kh) * columns + Math.floor(column / kw) * taps + (row % kh) * kw + (column % kw),
        placeOf: (index) => {
          const within = index % columns;
          const tap = within % taps;
          return {
            row: Math.floor(index / columns) * kh + Math.floor(tap / kw),
            column: Math.floor(within / taps) * kw + (tap % kw),
          };
        },
      };
    case 'channels':
      return {
        kind,
        rows: outputs * taps,
        columns: inputs,
        cell: undefined,
        indexAt: (row, column) => Math.floor(row / taps) * columns + column * taps + (row % taps),
        placeOf: (index) => {
          const within = index % columns;
          return {
            row: Math.floor(index / columns) * taps + (within % taps),
            column: Math.floor(within / taps),
          };
        },
      };
    case 'fields':
      if (!field) throw new Error('pictures of the input need its shape');
      return pictures(outputs, columns, field);
  }
}

/** Pictures of all rows in a grid about as wide as high; the channels of one picture stand side by side. */
function pictures(outputs: number, inputs: number, { channels, height, width }: FieldShape): Arrangement {
  const pictureWidth = channels * width;
  const perRow = Math.max(1, Math.round(Math.sqrt((outputs * height) / pictureWidth)));
  const bands = Math.ceil(outputs / perRow);
  return {
    kind: 'fields',
    rows: bands * height,
    columns: perRow * pictureWidth,
    cell: { rows: height, columns: pictureWidth },
    indexAt(row, column) {
      const output = Math.floor(row / height) * perRow + Math.floor(column / pictureWidth);
      if (output >= outputs) return -1;
      const x = column % pictureWidth;
      return output * inputs + Math.floor(x / width) * height * width + (row % height) * width + (x % width);
    },
    placeOf(index) {
      const output = Math.floor(index / inputs);
      const pixel = index % inputs;
      const within = pixel % (height * width);
      return {
        row: Math.floor(output / perRow) * height + Math.floor(within / width),
        column:
          (output % perRow) * pictureWidth + Math.floor(pixel / (height * width)) * width + (within % width),
      };
    },
  };
}

/** A mask as stored, or in the arrangement `from`, in another arrangement. */
export function rearrange(mask: BitMatrix, to: Arrangement, from?: Arrangement): BitMatrix {
  if (to.kind === (from?.kind ?? 'matrix')) return mask;
  const result = emptyBits(to.rows, to.columns);
  forEachOne(mask, (fromRow, fromColumn, index) => {
    const { row, column } = to.placeOf(from ? from.indexAt(fromRow, fromColumn) : index);
    const at = row * to.columns + column;
    result.bits[at >> 3] |= 1 << (at & 7);
  });
  return result;
}

/** What a place of the shown matrix is in the layer. */
export interface EntryPosition {
  output: number;
  input: number;
  /** Position in the kernel; undefined for a linear layer. */
  tap: { y: number; x: number } | undefined;
}

export function positionOf(index: number, shape: readonly number[]): EntryPosition {
  const [, inputs, kh = 1, kw = 1] = shape;
  const taps = kh * kw;
  const within = index % (inputs * taps);
  const tap = within % taps;
  return {
    output: Math.floor(index / (inputs * taps)),
    input: Math.floor(within / taps),
    tap: shape.length > 2 ? { y: Math.floor(tap / kw), x: tap % kw } : undefined,
  };
}
