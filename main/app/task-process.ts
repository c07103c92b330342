import { UserError } from '../../shared/errors.ts';
import { connectToHost } from '../training/host-port.ts';
import { jobs, type JobName, type JobOutput } from './jobs/index.ts';
import type { FromHelper, ToHelper } from './helper-messages.ts';

/**
 * Entry point of a helper process: it does one job at a time for its host, and ends when the host is gone. Ending it
 * is how a job is cancelled.
 */
const shortestReportMs = 100;

async function work({ name, input }: ToHelper): Promise<FromHelper> {
  let lastReport = 0;
  const onProgress = (progress: { text: string; fraction: number | undefined }) => {
    if (performance.now() - lastReport < shortestReportMs) return;
    lastReport = performance.now();
    send({ type: 'progress', ...progress });
  };
  try {
    const job = jobs[name] as (input: unknown, report: typeof onProgress) => Promise<JobOutput<JobName>>;
    return { type: 'done', value: await job(input, onProgress) };
  } catch (error) {
    if (error instanceof UserError) {
      const { code, message, field } = error;
      return { type: 'failed', error: { code, message, field } };
    }
    return { type: 'failed', error: { code: 'internal', message: (error as Error).stack ?? String(error) } };
  }
}

const { send } = connectToHost<ToHelper, FromHelper>(
  (message) => void work(message).then(send),
  () => process.exit(0),
);
// Ctrl-C reaches the whole terminal group; the host decides what it means.
process.on('SIGINT', () => {});
