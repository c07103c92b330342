import { availableParallelism, cpus } from 'node:os';
import { UserError } from '../../shared/errors.ts';
import {
  inferenceBatches,
  type CandidateId,
  type InferenceReport,
  type InferenceTiming,
} from '../../shared/inference-report.ts';
import { loadNative } from '../backends/native/index.ts';
import { RuntimeMissing } from '../exporters/exporter.ts';
import { noiseSamples } from '../exporters/inference.ts';
import { sparseParameters, type TrainedModel } from '../exporters/trained-model.ts';
import { onnxCandidate, ownCandidate, type Candidate, type Setup } from './candidates.ts';

export type Progress = (progress: { text: string; fraction: number | undefined }) => void;

/** How long is measured; each candidate gets its turn in every round, so that whatever disturbs hits all alike. */
export interface Sampling {
  rounds: number;
  /** Of one turn. */
  milliseconds: number;
  /** Calls of one turn, at least. */
  calls: number;
}

/** About half a minute for three candidates and two batch sizes; a large network takes its minimum of calls. */
const thorough: Sampling = { rounds: 24, milliseconds: 180, calls: 2 };
/** Each batch size is warmed up for this long per candidate, and at least twice. */
const warmUpMs = 200;

/**
 * Latency, throughput and size of a trained network: our kernels sparse and dense, and ONNX Runtime dense, with the
 * same threads and samples. That all compute the same is checked first.
 * @throws UserError `backend-unavailable` without the native kernels, `not-sparse` for a network without masks,
 *   `bad-inference` if the candidates disagree
 */
export async function measureInference(
  model: TrainedModel,
  threads: number,
  onProgress: Progress,
  sampling: Sampling = thorough,
): Promise<InferenceReport> {
  const native = loadNative();
  if (!native.ok) {
    throw new UserError('backend-unavailable', `the native kernels cannot run here: ${native.reason}`);
  }
  if (sparseParameters(model).length === 0) {
    throw new UserError(
      'not-sparse',
      'no weight of this network has a mask; there is no sparsity to measure',
    );
  }
  const maxBatch = Math.max(...inferenceBatches);
  const setup = { model, backend: native.backend, threads: threads || availableParallelism(), maxBatch };
  const { candidates, missing } = await openCandidates(setup);
  try {
    const samples = noiseSamples(model.graph, maxBatch).values;
    onProgress({ text: 'comparing outputs', fraction: 0 });
    const agreement = await compare(candidates, samples, maxBatch);
    const timings = new Map<CandidateId, InferenceTiming[]>(candidates.map(({ id }) => [id, []]));
    for (const [i, batch] of inferenceBatches.entries()) {
      const times = await takeTurns(candidates, samples, batch, sampling, (share) =>
        onProgress({ text: `measuring batch ${batch}`, fraction: (i + share) / inferenceBatches.length }),
      );
      for (const [id, ms] of times) timings.get(id)!.push(summarize(batch, ms));
    }
    return {
      measuredMs: Date.now(),
      machine: {
        cpu: cpus()[0]?.model.trim() || process.arch,
        cores: availableParallelism(),
        platform: `${process.platform}-${process.arch}`,
      },
      threads: setup.threads,
      step: Number(model.provenance.step),
      density: densityOf(model),
      candidates: candidates.map(({ id, title, engine, bytes, storage }) => ({
        ...{ id, title, engine, bytes, storage },
        timings: timings.get(id)!,
      })),
      ...{ agreement, missing },
    };
  } finally {
    for (const candidate of candidates) await candidate.dispose();
  }
}

async function openCandidates(
  setup: Setup,
): Promise<{ candidates: Candidate[]; missing: string | undefined }> {
  const own = [await ownCandidate('sparse', setup), await ownCandidate('dense', setup)];
  try {
    return { candidates: [...own, await onnxCandidate(setup)], missing: undefined };
  } catch (error) {
    if (error instanceof RuntimeMissing) return { candidates: own, missing: error.message };
    throw error;
  }
}

/** Two engines add float32 numbers in different orders. */
const relativeTolerance = 1e-4;

async function compare(
  candidates: readonly Candidate[],
  samples: Float32Array,
  size: number,
): Promise<InferenceReport['agreement']> {
  const outputs: { id: CandidateId; logits: Float32Array }[] = [];
  for (const { id, infer } of candidates) outputs.push({ id, logits: (await infer(samples, size)).slice() });
  const largestLogit = outputs[0].logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  const pairs = outputs.flatMap((a, i) =>
    outputs
      .slice(i + 1)
      .map((b) => ({ a: a.id, b: b.id, difference: largestDifference(a.logits, b.logits) })),
  );
  for (const { a, b, difference } of pairs) {
    // Written so that NaN fails.
    if (difference <= relativeTolerance * Math.max(1, largestLogit)) continue;
    throw new UserError('bad-inference', `${a} and ${b} disagree: their logits differ by ${difference}`);
  }
  return { pairs, largestLogit, samples: size };
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Milliseconds of every call, by candidate. The first call of a turn only puts the caches back and does not count. */
async function takeTurns(
  candidates: readonly Candidate[],
  samples: Float32Array,
  batch: number,
  { rounds, milliseconds, calls }: Sampling,
  onProgress: (share: number) => void,
): Promise<Map<CandidateId, number[]>> {
  const times = new Map<CandidateId, number[]>(candidates.map(({ id }) => [id, []]));
  for (const { infer } of candidates) await turn(() => infer(samples, batch), warmUpMs, 2);
  for (let round = 0; round < rounds; round++) {
    onProgress(round / rounds);
    for (let i = 0; i < candidates.length; i++) {
      // Who comes first changes from round to round.
      const { id, infer } = candidates[(i + round) % candidates.length];
      times.get(id)!.push(...(await turn(() => infer(samples, batch), milliseconds, calls)));
    }
  }
  return times;
}

async function turn(call: () => Promise<unknown>, milliseconds: number, calls: number): Promise<number[]> {
  await call();
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  while (times.length < calls || performance.now() < end) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return times;
}

function summarize(batch: number, ms: readonly number[]): InferenceTiming {
  const sorted = [...ms].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const p50Ms = quantile(0.5);
  return { batch, p50Ms, p95Ms: quantile(0.95), samplesPerSecond: (1000 * batch) / p50Ms, calls: ms.length };
}

function densityOf(model: TrainedModel): number {
  const masked = sparseParameters(model);
  const size = masked.reduce((sum, { mask }) => sum + mask.length, 0);
  return masked.reduce((sum, { mask }) => sum + mask.reduce((ones, inside) => ones + inside, 0), 0) / size;
}
