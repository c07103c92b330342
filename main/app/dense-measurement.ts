import { UserError } from '../../shared/errors.ts';
import type { HostContext } from './context.ts';
import type { MeasureDense } from './honest-numbers.ts';
import { measureConfig } from './step-times.ts';

/** Not while something trains: neither the measurement nor the run's own times would be worth anything. */
export const measureDenseHere =
  (context: HostContext): MeasureDense =>
  async ({ config }) => {
    if (context.queue.get().active.length > 0) return undefined;
    try {
      const { dense } = await measureConfig(context, { ...config });
      return { stepMs: dense.stepMs, source: 'measured on this machine' };
    } catch (error) {
      // The data set's folder may be gone; the other numbers stand without it.
      if (error instanceof UserError) return undefined;
      throw error;
    }
  };
