import type { InferenceReport } from '../../../shared/inference-report.ts';
import { measureInference } from '../../inference/measure.ts';
import { readTrainedModel, type TrainedRun } from '../trained-model.ts';
import type { ReportProgress } from './index.ts';

export interface InferenceRequest {
  run: TrainedRun;
  /** Where the run's checkpoints are. */
  folder: string;
}

/** Measures the network of a run's newest checkpoint, with the threads that its config asks for. */
export async function measureRunInference(
  { run, folder }: InferenceRequest,
  onProgress: ReportProgress,
): Promise<InferenceReport> {
  onProgress({ text: 'reading the newest checkpoint', fraction: undefined });
  const model = await readTrainedModel(run, folder);
  return measureInference(model, run.config.engine.threads, onProgress);
}
