import { fromCsr, toCsr, type Csr } from './csr.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import { arrays, metadataFile, tensors } from './npz.ts';
import { describeModel, namedTensors, sparseParameters } from './trained-model.ts';
import { jsonFile, unzip, zip } from './zip.ts';

const denseFile = 'dense.npz';

interface Metadata {
  shapes: Record<string, readonly number[]>;
}

export const scipy: Exporter = {
  id: 'scipy-csr',
  title: 'SciPy sparse matrices',
  group: 'sparse',
  summary:
    'A zip with one <weight>.npz per sparse weight for scipy.sparse.load_npz (convolutions as matrices ' +
    '[out, in·kh·kw]), and dense.npz with everything else.',
  extension: '.zip',
  snippet: {
    language: 'python',
    code: `import zipfile
import numpy as np
import scipy.sparse

archive = zipfile.ZipFile("{file}")
state = dict(np.load(archive.open("dense.npz")))
for name in archive.namelist():
    if name.endswith(".npz") and name != "dense.npz":
        state[name.removesuffix(".npz")] = scipy.sparse.load_npz(archive.open(name))

for name, array in state.items():
    nonzero = array.nnz if scipy.sparse.issparse(array) else np.count_nonzero(array)
    print(f"{name:32} {array.shape} {nonzero} non-zeros")`,
  },
  encode(model, name) {
    const sparse = sparseParameters(model);
    const names = new Set(sparse.map(({ name }) => name));
    const shapes = Object.fromEntries(sparse.map(({ name, shape }) => [name, shape]));
    const file = zip({
      ...Object.fromEntries(
        sparse.map((parameter) => [`${parameter.name}.npz`, encodeScipyCsr(toCsr(parameter))]),
      ),
      [denseFile]: zip(arrays(namedTensors(model).filter((tensor) => !names.has(tensor.name)))),
      [metadataFile]: jsonFile({ ...describeModel(model, 'csr'), shapes }),
    });
    return singleFile(name, file);
  },
  decode({ main }) {
    const members = unzip(main);
    const { shapes } = JSON.parse(Buffer.from(members[metadataFile]).toString()) as Metadata;
    const sparse = Object.entries(shapes).map(([name, shape]) => {
      return { name, shape, values: fromCsr(name, decodeScipyCsr(members[`${name}.npz`])) };
    });
    return [...sparse, ...tensors(unzip(members[denseFile]))];
  },
};

/** One matrix in the layout of `scipy.sparse.save_npz`. */
export function encodeScipyCsr({ rows, columns, indptr, indices, values }: Csr): Uint8Array {
  return zip({
    'indices.npy': encodeNpy({ type: '<i4', shape: [indices.length], data: indices }),
    'indptr.npy': encodeNpy({ type: '<i4', shape: [indptr.length], data: indptr }),
    'format.npy': encodeNpy({ type: '|S3', shape: [], data: Buffer.from('csr') }),
    'shape.npy': encodeNpy({
      type: '<i8',
      shape: [2],
      data: BigInt64Array.of(BigInt(rows), BigInt(columns)),
    }),
    'data.npy': encodeNpy({ type: '<f4', shape: [values.length], data: values }),
  });
}

function decodeScipyCsr(file: Uint8Array): Csr {
  const members = unzip(file);
  const array = (name: string) => decodeNpy(name, members[`${name}.npy`]).data;
  const [rows, columns] = Array.from(array('shape') as BigInt64Array, Number);
  return {
    rows,
    columns,
    indptr: array('indptr') as Int32Array,
    indices: array('indices') as Int32Array,
    values: array('data') as Float32Array,
  };
}
