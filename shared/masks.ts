/** The masks a run has recorded. */
export interface MaskCatalog {
  layers: MaskLayer[];
  /** Every step at which some mask was recorded, ascending; 0 is before training. */
  steps: number[];
}

export interface MaskLayer {
  name: string;
  /** Linear [out, in]; convolution [out, in, kh, kw]; the mask is the matrix [out, in·kh·kw]. */
  shape: number[];
  rows: number;
  columns: number;
  /** Snapshots of this layer: between two of them its mask did not change. */
  steps: number[];
  nnz: number[];
  /** Density the method aims at, where it says so. */
  targetDensity: number | undefined;
  /** Multiply-accumulates of one sample when dense. */
  macs: number;
}

/** A mask, eight entries per byte, row-major, first entry in the lowest bit; no padding between rows. */
export interface PackedMask {
  step: number;
  rows: number;
  columns: number;
  nnz: number;
  bits: Uint8Array;
}
