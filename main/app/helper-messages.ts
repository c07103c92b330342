import type { CallError } from '../../shared/contract.ts';
import type { JobName, JobOutput } from './jobs/index.ts';

/** One job after the other. */
export interface ToHelper {
  name: JobName;
  input: unknown;
}

export type FromHelper =
  | { type: 'progress'; text: string; fraction: number | undefined }
  | { type: 'done'; value: JobOutput<JobName> }
  | { type: 'failed'; error: CallError };
