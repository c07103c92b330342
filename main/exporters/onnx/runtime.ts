import type * as Ort from 'onnxruntime-node';
import { RuntimeMissing, type Runtime } from '../exporter.ts';

/** ONNX Runtime; an optional dependency, because it has no build for every platform. */
export const onnxRuntime: Runtime = {
  async infer({ main }, { values, size }, [channels, height, width]) {
    const ort = await loadOnnxRuntime();
    const session = await ort.InferenceSession.create(main, { logSeverityLevel: 3 });
    try {
      const shape = height * width === 1 ? [size, channels] : [size, channels, height, width];
      const input = new ort.Tensor(
        'float32',
        values.subarray(
          0,
          shape.reduce((a, b) => a * b),
        ),
        shape,
      );
      const { logits } = await session.run({ input });
      return { by: `ONNX Runtime ${ort.env.versions.node}`, logits: logits.data as Float32Array };
    } finally {
      await session.release();
    }
  },
};

/** @throws RuntimeMissing */
export async function loadOnnxRuntime(): Promise<typeof Ort> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new RuntimeMissing(
      `ONNX Runtime is not available here: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}
