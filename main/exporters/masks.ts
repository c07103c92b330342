import { singleFile, type Exporter, type HeldArray } from './exporter.ts';
import { arrays, metadataFile, tensors } from './npz.ts';
import { describeModel, type TrainedModel } from './trained-model.ts';
import { jsonFile, unzip, zip } from './zip.ts';

export const masks: Exporter = {
  id: 'masks',
  title: 'Masks',
  group: 'analysis',
  summary:
    'Which weights are active and nothing else: one boolean NumPy array per linear or convolution weight, in its ' +
    'shape; all true where a weight was never sparsified.',
  extension: '.npz',
  snippet: {
    language: 'python',
    code: `import numpy as np

archive = np.load("{file}")
masks = {name: archive[name] for name in archive.files if name != "metadata.json"}
for name, mask in masks.items():
    print(f"{name:32} {mask.shape} density {mask.mean():.4f}")`,
  },
  holds: weightMasks,
  encode(model, name) {
    const metadata = jsonFile(describeModel(model, 'masks'));
    return singleFile(name, zip({ ...arrays(weightMasks(model)), [metadataFile]: metadata }));
  },
  decode({ main }) {
    const members = unzip(main);
    delete members[metadataFile];
    return tensors(members);
  },
};

function weightMasks({ parameters }: TrainedModel): (HeldArray & { values: Uint8Array })[] {
  return parameters
    .filter(({ role }) => role === 'weight')
    .map(({ name, shape, values, mask }) => ({
      ...{ name, shape },
      values: mask ?? new Uint8Array(values.length).fill(1),
    }));
}
