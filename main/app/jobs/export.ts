import type { ExportReport } from '../../../shared/export-result.ts';
import { exportModel } from '../../exporters/export-model.ts';
import { exporterById } from '../../exporters/registry.ts';
import { checkSamples } from '../check-samples.ts';
import { readTrainedModel, type TrainedRun } from '../trained-model.ts';
import type { ReportProgress } from './index.ts';

export interface ExportRequest {
  run: TrainedRun;
  /** Where the run's checkpoints are. */
  folder: string;
  dataFolder: string;
  format: string;
  transforms: string[];
  path: string;
  overwrite: boolean;
}

export async function exportRun(
  { run, folder, dataFolder, format, path, ...options }: ExportRequest,
  onProgress: ReportProgress,
): Promise<ExportReport & { denseBytes: number }> {
  onProgress({ text: 'reading the newest checkpoint', fraction: undefined });
  const model = await readTrainedModel(run, folder);
  const samples = await checkSamples(run.config.dataset, model.graph, dataFolder);
  onProgress({ text: 'writing, reading back and repeating the forward pass', fraction: undefined });
  const report = await exportModel(exporterById(format), model, path, { ...options, samples });
  const denseBytes = model.parameters.reduce((sum, { values }) => sum + values.byteLength, 0);
  return { ...report, denseBytes };
}
