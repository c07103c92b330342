import { decodeSafetensors, encodeSafetensorsChunks } from '../../shared/safetensors.ts';
import { singleFile, type Exporter } from './exporter.ts';
import { describeModel, namedTensors } from './trained-model.ts';

export const safetensors: Exporter = {
  id: 'safetensors',
  title: 'safetensors',
  group: 'framework',
  summary:
    'Dense tensors with zeros under PyTorch names. Loads in PyTorch, JAX, TensorFlow and most other tools.',
  extension: '.safetensors',
  snippet: {
    language: 'python',
    code: `from safetensors.torch import load_file

state = load_file("{file}")
for name, tensor in state.items():
    density = (tensor != 0).float().mean().item()
    print(f"{name:32} {tuple(tensor.shape)} density {density:.4f}")

# A module with the same layer names takes it as it is:
# module.load_state_dict(state, strict=False)`,
  },
  encode(model, file) {
    const tensors = namedTensors(model).map(({ name, shape, values }) => {
      return { name, dtype: 'F32' as const, shape: [...shape], data: values };
    });
    return singleFile(file, ...encodeSafetensorsChunks(tensors, describeModel(model, 'dense')));
  },
  decode({ main }) {
    return decodeSafetensors(main).tensors.map(({ name, shape, data }) => ({
      name,
      shape,
      values: data as Float32Array,
    }));
  },
};
