import { show } from '../../shared/errors.ts';
import { countOnes } from '../topology/select.ts';
import type { SparseParameter } from './trained-model.ts';

/** Compressed sparse rows of a weight as a matrix [out, in·kh·kw]; column indices ascend within a row. */
export interface Csr {
  rows: number;
  columns: number;
  /** rows + 1 positions in `indices`. */
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
}

/** The pattern is the mask, so that an active weight that happens to be 0 stays active. */
export function toCsr(parameter: SparseParameter): Csr {
  const { name, shape, values, mask } = parameter;
  const rows = shape[0];
  const columns = values.length / rows;
  const nnz = countOnes(mask);
  const csr: Csr = {
    rows,
    columns,
    indptr: new Int32Array(rows + 1),
    indices: new Int32Array(nnz),
    values: new Float32Array(nnz),
  };
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      if (mask[i]) {
        csr.indices[at] = column;
        csr.values[at++] = values[i];
      } else if (values[i] !== 0) {
        throw new Error(`${name}[${row}, ${column}] is ${values[i]} outside its mask`);
      }
    }
    csr.indptr[row + 1] = at;
  }
  return csr;
}

/**
 * @returns the matrix, row-major, zeros outside the pattern
 * @throws Error naming the tensor if the structure is not valid CSR
 */
export function fromCsr(name: string, { rows, columns, indptr, indices, values }: Csr): Float32Array {
  const fail = (why: string): never => {
    throw new Error(`tensor ${show(name)} is no valid CSR matrix: ${why}`);
  };
  if (indptr.length !== rows + 1) fail(`${rows} rows need ${rows + 1} row positions, got ${indptr.length}`);
  if (indptr[0] !== 0 || indptr[rows] !== indices.length || indices.length !== values.length) {
    fail(`positions ${indptr[0]}..${indptr[rows]} for ${indices.length} columns and ${values.length} values`);
  }
  const dense = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    if (indptr[row + 1] < indptr[row]) fail(`row ${row} ends before it starts`);
    let before = -1;
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      const column = indices[k];
      if (column <= before || column >= columns)
        fail(`row ${row} has column ${column} after ${before} of ${columns}`);
      dense[row * columns + column] = values[k];
      before = column;
    }
  }
  return dense;
}
