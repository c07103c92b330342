import { singleFile, type Exporter, type HeldArray } from './exporter.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import { describeModel, namedTensors } from './trained-model.ts';
import { jsonFile, unzip, zip } from './zip.ts';

/** Beside the arrays, where `numpy.load` hands it out as bytes. */
export const metadataFile = 'metadata.json';

export const npz: Exporter = {
  id: 'npz',
  title: 'NumPy .npz',
  group: 'framework',
  summary: 'Dense arrays with zeros under PyTorch names, one file for numpy.load.',
  extension: '.npz',
  snippet: {
    language: 'python',
    code: `import json
import numpy as np

archive = np.load("{file}")
metadata = json.loads(archive["metadata.json"])
state = {name: archive[name] for name in archive.files if name != "metadata.json"}
for name, array in state.items():
    print(f"{name:32} {array.shape} density {np.count_nonzero(array) / array.size:.4f}")`,
  },
  encode(model, name) {
    const metadata = jsonFile(describeModel(model, 'dense'));
    return singleFile(name, zip({ ...arrays(namedTensors(model)), [metadataFile]: metadata }));
  },
  decode({ main }) {
    const members = unzip(main);
    delete members[metadataFile];
    return tensors(members);
  },
};

/** Arrays as the members of an .npz file, and back; bytes are booleans. */
export function arrays(
  tensors: readonly (HeldArray & { values: Float32Array | Uint8Array })[],
): Record<string, Uint8Array> {
  return Object.fromEntries(
    tensors.map(({ name, shape, values }) => [
      `${name}.npy`,
      encodeNpy({ type: values instanceof Uint8Array ? '|b1' : '<f4', shape, data: values }),
    ]),
  );
}

export function tensors(members: Record<string, Uint8Array>): HeldArray[] {
  return Object.entries(members).map(([file, bytes]) => {
    const { shape, data } = decodeNpy(file, bytes);
    return { name: file.replace(/\.npy$/, ''), shape, values: data as Float32Array | Uint8Array };
  });
}
