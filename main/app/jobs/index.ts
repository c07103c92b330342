import { archiveRun, stageImport } from '../run-archive.ts';
import { writeReport } from '../run-report.ts';
import { fetchDataset, outlineDataset, previewDataset } from './dataset.ts';
import { examineEngine, installEngine } from './engines.ts';
import { exportRun, previewExport } from './export.ts';
import { measureRunInference } from './inference.ts';
import { measureSteps } from './steps.ts';

/** What a job tells while it works; `fraction` is 0..1 where it is known. */
export type ReportProgress = (progress: { text: string; fraction: number | undefined }) => void;

/** What a helper process can do, by name: everything that takes more than a few milliseconds. */
export const jobs = {
  examineEngine,
  installEngine,
  outlineDataset,
  previewDataset,
  fetchDataset,
  measureSteps,
  exportRun,
  archiveRun,
  stageImport,
  writeReport,
  measureRunInference,
  previewExport,
};

export type Jobs = typeof jobs;
export type JobName = keyof Jobs;
export type JobInput<N extends JobName> = Parameters<Jobs[N]>[0];
export type JobOutput<N extends JobName> = Awaited<ReturnType<Jobs[N]>>;
