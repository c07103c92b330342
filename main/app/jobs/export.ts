import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { exportModel, type ExportReport } from '../../exporters/exporter.ts';
import { exporterById } from '../../exporters/registry.ts';
import { readTrainedModel, type TrainedRun } from '../trained-model.ts';
import type { ReportProgress } from './index.ts';

export interface ExportRequest {
  run: TrainedRun;
  /** Where the run's checkpoints are. */
  folder: string;
  format: string;
  path: string;
  overwrite: boolean;
}

export async function exportRun(
  { run, folder, format, path, overwrite }: ExportRequest,
  onProgress: ReportProgress,
): Promise<ExportReport & { denseBytes: number; sha256: string }> {
  onProgress({ text: 'reading the newest checkpoint', fraction: undefined });
  const model = await readTrainedModel(run, folder);
  onProgress({ text: 'writing and reading back', fraction: undefined });
  const report = await exportModel(exporterById(format), model, path, { overwrite });
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  const denseBytes = model.parameters.reduce((sum, { values }) => sum + values.byteLength, 0);
  return { ...report, denseBytes, sha256: digest.digest('hex') };
}
