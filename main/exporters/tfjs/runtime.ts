import type * as Tf from '@tensorflow/tfjs';
import { RuntimeMissing, type ReadFiles, type Runtime } from '../exporter.ts';
import { readManifest } from './files.ts';

/** TensorFlow.js on the CPU, in plain JavaScript: slow, the same everywhere. */
export const tfjsRuntime: Runtime = {
  // Some 20 to 30 seconds.
  maxMacs: 3e9,
  async infer(files, { values, size }, [channels, height, width]) {
    const tf = await load();
    const before = tf.getBackend();
    // Otherwise it advertises its native package.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    const model = await tf.loadLayersModel({ load: async () => artifacts(files) });
    try {
      const logits = tf.tidy(() => {
        const features = values.subarray(0, size * channels * height * width);
        const samples =
          height * width === 1
            ? tf.tensor2d(features, [size, channels])
            : tf.tensor4d(features, [size, channels, height, width]).transpose([0, 2, 3, 1]);
        return (model.predict(samples) as Tf.Tensor).dataSync() as Float32Array;
      });
      return { by: `TensorFlow.js ${tf.version.tfjs}`, logits };
    } finally {
      model.dispose();
      if (before) await tf.setBackend(before);
    }
  },
};

/** What `tf.io`'s own handlers make of the files. */
function artifacts(files: ReadFiles): Tf.io.ModelArtifacts {
  const { modelTopology, format, weights, data } = readManifest(files);
  return {
    modelTopology,
    format,
    weightSpecs: weights as Tf.io.WeightsManifestEntry[],
    weightData: data.buffer,
  };
}

async function load(): Promise<typeof Tf> {
  try {
    return await import('@tensorflow/tfjs');
  } catch (error) {
    throw new RuntimeMissing(
      `TensorFlow.js is not available here: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}
