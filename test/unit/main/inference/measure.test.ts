import { describe, expect, test } from 'vitest';
import { loadNative } from '../../../../main/backends/native/index.ts';
import { loadOnnxRuntime } from '../../../../main/exporters/onnx/runtime.ts';
import { measureInference } from '../../../../main/inference/measure.ts';
import { inferenceBatches, inferenceReportSchema } from '../../../../shared/inference-report.ts';
import { randomModel, smallGraphs } from '../../../support/trained-models.ts';

const native = loadNative();
if (!native.ok)
  console.warn(`inference is not measured: the native kernels do not run here (${native.reason})`);
const hasOnnxRuntime = await loadOnnxRuntime().then(
  () => true,
  () => false,
);
if (!hasOnnxRuntime) console.warn('onnxruntime-node is not installed: only our own engine is measured');

const quick = { rounds: 3, milliseconds: 2, calls: 2 };
const withStep = (name: string, density: number) => {
  const model = randomModel(smallGraphs[name](), 7, density);
  return { ...model, provenance: { ...model.provenance, step: '42' } };
};

describe.skipIf(!native.ok)('inference (skipped without the native kernels)', () => {
  test.each(['mlp', 'convnet', 'resnet20'])(
    'of %s: every engine computes the same, and each is timed',
    async (name) => {
      const texts: string[] = [];
      const report = await measureInference(withStep(name, 0.2), 1, ({ text }) => texts.push(text), quick);
      expect(inferenceReportSchema.parse(report)).toEqual(report);
      expect(report).toMatchObject({ threads: 1, step: 42 });
      expect(report.density).toBeCloseTo(0.2, 1);
      const ids = report.candidates.map(({ id }) => id);
      expect(ids).toEqual(['native-sparse', 'native-dense', ...(hasOnnxRuntime ? ['onnxruntime'] : [])]);
      expect(report.missing === undefined).toBe(hasOnnxRuntime);
      for (const { timings, bytes } of report.candidates) {
        expect(timings.map(({ batch }) => batch)).toEqual([...inferenceBatches]);
        for (const { p50Ms, p95Ms, calls, samplesPerSecond, batch } of timings) {
          expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
          expect(samplesPerSecond).toBeCloseTo((1000 * batch) / p50Ms);
          expect(calls).toBeGreaterThanOrEqual(quick.rounds * quick.calls);
        }
        expect(bytes).toBeGreaterThan(0);
      }
      const [sparse, dense] = report.candidates;
      expect(sparse.bytes).toBeLessThan(dense.bytes);
      const { pairs, largestLogit } = report.agreement;
      expect(pairs).toHaveLength(hasOnnxRuntime ? 3 : 1);
      // Sparse and dense kernels of ours give the same bits.
      expect(pairs[0]).toEqual({ a: 'native-sparse', b: 'native-dense', difference: 0 });
      for (const { difference } of pairs)
        expect(difference).toBeLessThanOrEqual(1e-4 * Math.max(1, largestLogit));
      expect(texts[0]).toBe('comparing outputs');
    },
  );

  test('of a network without masks is refused', async () => {
    const model = withStep('mlp', 1);
    const parameters = model.parameters.map((parameter) => ({ ...parameter, mask: undefined }));
    await expect(measureInference({ ...model, parameters }, 1, () => {}, quick)).rejects.toMatchObject({
      code: 'not-sparse',
    });
  });

  test('of a network whose weights are not finite is refused, not timed', async () => {
    const model = withStep('mlp', 0.5);
    model.parameters[0].values[model.parameters[0].mask!.indexOf(1)] = NaN;
    await expect(measureInference(model, 1, () => {}, quick)).rejects.toMatchObject({
      code: 'bad-inference',
    });
  });
});
