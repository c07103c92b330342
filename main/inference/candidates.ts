import type { CandidateId } from '../../shared/inference-report.ts';
import type { Backend, Network } from '../backends/backend.ts';
import { onnx } from '../exporters/onnx.ts';
import { loadOnnxRuntime } from '../exporters/onnx/runtime.ts';
import { namedTensors, sparseParameters, type TrainedModel } from '../exporters/trained-model.ts';
import { storedBytes } from '../topology/statistics.ts';

/** One way to execute a trained network. */
export interface Candidate {
  id: CandidateId;
  title: string;
  engine: string;
  /** Of all parameters, as this candidate stores them. */
  bytes: number;
  storage: string;
  /** One forward pass over the first `size` raw samples; logits [size][classes]. */
  infer(samples: Float32Array, size: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface Setup {
  model: TrainedModel;
  backend: Backend;
  threads: number;
  maxBatch: number;
}

/** The network in an engine of ours, every weight that has a mask executed one way. */
export async function ownCandidate(
  execution: 'sparse' | 'dense',
  { model, backend, threads, maxBatch }: Setup,
): Promise<Candidate> {
  const sparse = new Set(sparseParameters(model).map(({ name }) => name));
  const network = await backend.compile(model.graph, { maxBatch, threads, sparse, execution });
  await writeWeights(network, model);
  const labels = new Int32Array(maxBatch);
  const features = featuresOf(model);
  return {
    id: `native-${execution}`,
    title: `Filigree, ${execution}`,
    engine: backend.describe(),
    bytes: execution === 'sparse' ? sparseBytes(model) : denseBytes(model),
    storage: execution === 'sparse' ? 'compressed sparse rows' : 'dense float32',
    infer: (samples, size) => network.logits({ samples: samples.subarray(0, size * features), labels, size }),
    dispose: async () => network.dispose(),
  };
}

/** The same network, its zeros written out, in ONNX Runtime. @throws RuntimeMissing */
export async function onnxCandidate({ model, threads }: Setup): Promise<Candidate> {
  const ort = await loadOnnxRuntime();
  const [{ chunks }] = onnx.encode(model, 'model.onnx');
  const file = Buffer.concat(chunks);
  const session = await ort.InferenceSession.create(file, {
    ...{ intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential' },
    ...{ graphOptimizationLevel: 'all', logSeverityLevel: 3 },
    // Its threads wait for work by spinning; between two turns they would slow down whoever is next.
    extra: { session: { force_spinning_stop: '1' } },
  });
  const [channels, height, width] = model.graph.input.shape;
  const features = featuresOf(model);
  return {
    id: 'onnxruntime',
    title: 'ONNX Runtime, dense',
    engine: `ONNX Runtime ${ort.env.versions.node}`,
    bytes: file.byteLength,
    storage: 'ONNX file',
    async infer(samples, size) {
      const shape = height * width === 1 ? [size, channels] : [size, channels, height, width];
      const input = new ort.Tensor('float32', samples.subarray(0, size * features), shape);
      const { logits } = await session.run({ input });
      return logits.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}

const featuresOf = ({ graph }: TrainedModel) => graph.input.shape.reduce((a, b) => a * b, 1);

async function writeWeights(network: Network, model: TrainedModel): Promise<void> {
  for (const { name, mask } of sparseParameters(model)) await network.writeMask(name, mask);
  for (const { name, values } of [...model.parameters, ...model.buffers])
    await network.write(name, 'value', values);
}

const denseBytes = (model: TrainedModel) =>
  namedTensors(model).reduce((sum, { values }) => sum + values.byteLength, 0);

function sparseBytes(model: TrainedModel): number {
  return sparseParameters(model).reduce((sum, { shape, values, mask }) => {
    const nnz = mask.reduce((ones, inside) => ones + inside, 0);
    return sum - values.byteLength + storedBytes(shape[0], values.length, nnz);
  }, denseBytes(model));
}
