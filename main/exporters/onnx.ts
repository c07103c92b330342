import { UserError } from '../../shared/errors.ts';
import { countOnes } from '../topology/select.ts';
import { singleFile, type Exporter, type ReadFiles } from './exporter.ts';
import { lowerGraph, normalization } from './onnx/graph.ts';
import { decodeTensors, encodeModel, type OnnxSparseTensor } from './onnx/messages.ts';
import { onnxRuntime } from './onnx/runtime.ts';
import {
  describeModel,
  namedTensors,
  sparseParameters,
  type SparseParameter,
  type TrainedModel,
} from './trained-model.ts';

const code = `import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{file}", providers=["CPUExecutionProvider"])
(samples,) = session.get_inputs()
# Raw samples: the network normalises them itself. Any batch size.
x = np.zeros([1, *samples.shape[1:]], dtype=np.float32)
(logits,) = session.run(None, {samples.name: x})
print(samples.shape, "->", logits.shape)`;

const snippet = { language: 'python', code };

export const onnx: Exporter = {
  id: 'onnx',
  title: 'ONNX',
  summary:
    'The whole network, input normalisation included, with dense weights: for ONNX Runtime, TensorRT, OpenVINO and ' +
    'most other inference engines. Opset 17.',
  extension: '.onnx',
  group: 'framework',
  snippet,
  encode: (model, name) => encode(model, name, false),
  decode,
  runtime: onnxRuntime,
};

export const onnxSparse: Exporter = {
  id: 'onnx-sparse',
  title: 'ONNX, compact',
  summary:
    'The same network with sparse_initializer: a small file that ONNX Runtime turns dense as it loads. Some other ' +
    'tools do not read it.',
  extension: '.onnx',
  group: 'sparse',
  snippet,
  encode: (model, name) => encode(model, name, true),
  decode,
  runtime: onnxRuntime,
};

/** Readers of protocol buffers refuse larger messages. */
const maxBytes = 2 ** 31 - 1;

function encode(model: TrainedModel, name: string, compact: boolean) {
  const sparseTensors = compact ? sparseParameters(model).filter(isSmaller).map(toSparseTensor) : [];
  const sparse = new Set(sparseTensors.map((tensor) => tensor.name));
  const tensors = namedTensors(model).filter((tensor) => !sparse.has(tensor.name));
  const { constants, ...lowered } = lowerGraph(model.graph);
  const metadata = describeModel(model, compact ? 'sparse' : 'dense');
  const message = encodeModel({ ...lowered, tensors: [...tensors, ...constants], sparseTensors, metadata });
  if (message.byteLength > maxBytes)
    throw new UserError('too-large', `an ONNX file cannot hold ${message.byteLength} bytes`, 'format');
  return singleFile(name, ...message.chunks);
}

/** The pattern is the mask, so that an active weight that happens to be 0 stays active. */
function toSparseTensor({ name, shape, values, mask }: SparseParameter): OnnxSparseTensor {
  const indices = Uint32Array.from(activePositions(mask));
  return { name, shape, indices, values: Float32Array.from(indices, (i) => values[i]) };
}

/** A stored entry takes about seven bytes, one of a dense tensor four. */
const isSmaller = ({ mask }: SparseParameter): boolean => 2 * countOnes(mask) < mask.length;

function* activePositions(mask: Uint8Array): Generator<number> {
  for (let i = 0; i < mask.length; i++) if (mask[i]) yield i;
}

/** Normalisation is no tensor of the model. */
function decode({ main }: ReadFiles) {
  const own = new Set<string>(Object.values(normalization));
  return decodeTensors(main).filter(({ name }) => !own.has(name));
}
