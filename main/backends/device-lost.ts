import { UserError } from '../../shared/errors.ts';

/** What ends a run whose device went away: driver reset, unplugged, out of memory, its window or process gone. */
export const deviceLost = (reason: string) =>
  new UserError(
    'device-lost',
    `The GPU that this run computes on was lost: ${reason}. The last checkpoint is kept; the run can be resumed ` +
      'from it once the GPU works again.',
  );
