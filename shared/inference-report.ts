/** What executes a trained network. */
export type CandidateId = 'native-sparse' | 'native-dense' | 'onnxruntime';

/** Speed and size of a trained network at inference, measured on one machine in one go. */
export interface InferenceReport {
  measuredMs: number;
  machine: { cpu: string; cores: number; platform: string };
  /** The same for every candidate. */
  threads: number;
  /** The checkpoint whose weights were measured. */
  step: number;
  /** Non-zeros of the sparsifiable weights. */
  density: number;
  candidates: InferenceCandidate[];
  /** Largest difference of two candidates' logits over the same samples, and the largest logit to compare it with. */
  agreement: {
    pairs: { a: CandidateId; b: CandidateId; difference: number }[];
    largestLogit: number;
    samples: number;
  };
  /** Why a candidate was left out. */
  missing: string | undefined;
}

export interface InferenceCandidate {
  id: CandidateId;
  title: string;
  /** What computes, with its version. */
  engine: string;
  /** Of all parameters as this candidate stores them, and how that is. */
  bytes: number;
  storage: string;
  timings: InferenceTiming[];
}

export interface InferenceTiming {
  batch: number;
  /** Milliseconds of one call. */
  p50Ms: number;
  p95Ms: number;
  /** At the median. */
  samplesPerSecond: number;
  calls: number;
}

export const inferenceBatches = [1, 128] as const;
