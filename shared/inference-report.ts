import { z } from 'zod';

/** The same for every candidate. */
export const inferenceBatches = [1, 128] as const;

const positive = z.number().positive();
const count = z.number().int().min(0);
const candidate = z.enum(['native-sparse', 'native-dense', 'onnxruntime']);
const text = z.string().max(1000);

const timing = z.object({
  batch: count,
  /** Milliseconds of one call. */
  p50Ms: positive,
  p95Ms: positive,
  /** At the median. */
  samplesPerSecond: positive,
  calls: count,
});

/** Speed and size of a trained network at inference, measured on one machine in one go. */
export const inferenceReportSchema = z.object({
  measuredMs: positive,
  machine: z.object({ cpu: text, cores: count, platform: text }),
  /** The same for every candidate. */
  threads: count,
  /** The checkpoint whose weights were measured. */
  step: count,
  /** Non-zeros of the sparsifiable weights. */
  density: z.number(),
  candidates: z
    .array(
      z.object({
        id: candidate,
        title: text,
        /** What computes, with its version. */
        engine: text,
        /** Of all parameters as this candidate stores them, and how that is. */
        bytes: count,
        storage: text,
        timings: z.array(timing).min(1),
      }),
    )
    .min(1),
  /** Largest difference of two candidates' logits over the same samples, and the largest logit to compare it with. */
  agreement: z.object({
    pairs: z.array(z.object({ a: candidate, b: candidate, difference: z.number() })),
    largestLogit: z.number(),
    samples: count,
  }),
  /** Why a candidate was left out. */
  missing: text.optional(),
});

export type InferenceReport = z.infer<typeof inferenceReportSchema>;
export type InferenceCandidate = InferenceReport['candidates'][number];
export type InferenceTiming = z.infer<typeof timing>;
export type CandidateId = z.infer<typeof candidate>;
