import { countOnes } from '../topology/select.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { metadataFile } from './npz.ts';
import { describeModel, namedTensors, sparseParameters, type NamedTensor } from './trained-model.ts';
import { jsonFile, unzip, zip } from './zip.ts';

const extension = '.mtx';

/**
 * The exchange format of NIST (math.nist.gov/MatrixMarket): text, one matrix per file. A weight with a mask is of kind
 * `coordinate` and lists the entries of its mask; everything else is an `array`, listed column by column. Convolutions
 * are matrices [out, in·kh·kw], vectors have one column; a comment `% shape` holds the tensor's own shape.
 */
export const matrixMarket: Exporter = {
  id: 'matrix-market',
  title: 'MatrixMarket',
  group: 'sparse',
  summary:
    'A zip with one .mtx text file per tensor, sparse weights as coordinates: for SciPy, Julia, MATLAB, SuiteSparse.',
  extension: '.zip',
  snippet: {
    language: 'python',
    code: `import zipfile
import numpy as np
import scipy.io
import scipy.sparse

archive = zipfile.ZipFile("{file}")
state = {}
for name in archive.namelist():
    if name.endswith(".mtx"):
        state[name.removesuffix(".mtx")] = scipy.io.mmread(archive.open(name)).astype(np.float32)

for name, matrix in state.items():
    nonzero = matrix.nnz if scipy.sparse.issparse(matrix) else np.count_nonzero(matrix)
    print(f"{name:32} {matrix.shape} {nonzero} non-zeros")`,
  },
  encode(model, name) {
    const masks = new Map(sparseParameters(model).map((parameter) => [parameter.name, parameter.mask]));
    const matrices = namedTensors(model).map((tensor) => [
      `${tensor.name}${extension}`,
      encodeMatrix(tensor, masks.get(tensor.name)),
    ]);
    const metadata = jsonFile(describeModel(model, 'matrix-market'));
    return singleFile(name, zip({ ...Object.fromEntries(matrices), [metadataFile]: metadata }));
  },
  decode: ({ main }) =>
    Object.entries(unzip(main))
      .filter(([file]) => file.endsWith(extension))
      .map(([file, bytes]) => decodeMatrix(file.slice(0, -extension.length), bytes)),
};

function encodeMatrix({ shape, values }: NamedTensor, mask: Uint8Array | undefined): Uint8Array {
  const [rows] = shape;
  const columns = values.length / rows;
  const size = mask ? `${rows} ${columns} ${countOnes(mask)}` : `${rows} ${columns}`;
  const head = [
    `%%MatrixMarket matrix ${mask ? 'coordinate' : 'array'} real general`,
    `% shape ${shape.join(' ')}`,
    size,
  ];
  const chunks = [Buffer.from(`${head.join('\n')}\n`)];
  for (let column = 0; column < columns; column++) {
    let text = '';
    for (let row = 0; row < rows; row++) {
      const i = row * columns + column;
      if (!mask) text += `${decimal(values[i])}\n`;
      else if (mask[i]) text += `${row + 1} ${column + 1} ${decimal(values[i])}\n`;
    }
    chunks.push(Buffer.from(text));
  }
  return Buffer.concat(chunks);
}

/** Nine digits give every float32 back. */
const decimal = (value: number) => (Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(9))));

/** Reads what `encodeMatrix` writes. @throws Error naming the matrix if it is anything else */
function decodeMatrix(name: string, bytes: Uint8Array): NamedTensor {
  const lines = textLines(bytes);
  const kind = /^%%MatrixMarket matrix (coordinate|array) real general$/.exec(lines.next().value ?? '')?.[1];
  const shape = /^% shape ([\d ]+)$/
    .exec(lines.next().value ?? '')?.[1]
    .split(' ')
    .map(Number);
  const [rows, columns, entries] = (lines.next().value ?? '').split(' ').map(Number);
  const size = shape?.reduce((a, b) => a * b, 1);
  if (!kind || !shape || rows * columns !== size)
    throw new Error(`${name} is not one of the matrices written here`);
  const values = new Float32Array(size);
  let count = 0;
  for (const line of lines) {
    const numbers = line.split(' ').map(Number);
    const [row, column] =
      kind === 'array' ? [count % rows, Math.floor(count / rows)] : [numbers[0] - 1, numbers[1] - 1];
    values[row * columns + column] = numbers[numbers.length - 1];
    count++;
  }
  if (count !== (kind === 'array' ? size : entries)) throw new Error(`${name} lists ${count} entries`);
  return { name, shape, values };
}

/** Without their line feeds; one at a time, because all of them may be more than a string can hold. */
function* textLines(bytes: Uint8Array): Generator<string, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length;) {
    const end = buffer.indexOf(10, at);
    const stop = end < 0 ? buffer.length : end;
    yield buffer.toString('latin1', at, stop);
    at = stop + 1;
  }
}
