/** An engine as the settings list it. */
export interface EngineInfo {
  id: string;
  title: string;
  available: boolean;
  /** What computes and on which hardware path, `native sparse kernels (AVX2)`; or why it cannot run here. */
  detail: string;
  maxThreads: number;
}

/** Median time of a training step (forward, backward, update) of one network. */
export interface StepTime {
  label: string;
  /** Mean density of the sparse weights, 0..1. */
  density: number;
  batchSize: number;
  threads: number;
  stepMs: number;
  /** Engine that was measured. */
  engine: string;
}
