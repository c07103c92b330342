import { UserError } from '../../../shared/errors.ts';
import { createBaseline } from '../baselines.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { honestNumbers, type MeasureDense } from '../honest-numbers.ts';
import { describeRun } from '../run-detail.ts';
import { measureConfig } from '../step-times.ts';

type RunCall = Extract<keyof Handlers, `runs.${string}`>;

export function runsHandlers(context: HostContext): Pick<Handlers, RunCall> {
  const { store, workspace, queue, runs } = context;
  const { feed } = queue;
  /** Not while something trains: neither the measurement nor the run's own times would be worth anything. */
  const measureDense: MeasureDense = async ({ config }) => {
    if (queue.get().active.length > 0) return undefined;
    try {
      const { dense } = await measureConfig(context, { ...config });
      return { stepMs: dense.stepMs, source: 'measured on this machine' };
    } catch (error) {
      // The data set's folder may be gone; the other numbers stand without it.
      if (error instanceof UserError) return undefined;
      throw error;
    }
  };
  return {
    'runs.list': () => store.listRows(),
    'runs.get': ({ id }) => describeRun(store, workspace, id),
    async 'runs.create'({ config, parentRunId, fromStep }) {
      const { id } = await runs.create(config, { parentRunId, fromStep });
      queue.enqueue(id);
      return { id };
    },
    async 'runs.createBaseline'({ id, kind }) {
      const baseline = await runs.create(createBaseline(store, id, kind), { parentRunId: id });
      queue.enqueue(baseline.id);
      return { id: baseline.id };
    },
    'runs.pause': ({ id }) => queue.pause(id),
    'runs.continue': ({ id }) => queue.continue(id),
    'runs.stop': ({ id }) => queue.stop(id),
    'runs.kill': ({ id }) => queue.kill(id),
    'runs.checkpoint': ({ id }) => queue.checkpoint(id),
    'runs.resume': ({ id }) => queue.resume(id),
    'runs.rename'({ id, name }) {
      store.rename(id, name);
      feed.changed([id]);
    },
    'runs.setNotes': ({ id, notes }) => store.setNotes(id, notes),
    'runs.setTags'({ id, tags }) {
      store.setTags(id, tags);
      feed.changed([id]);
    },
    'runs.setStarred'({ ids, starred }) {
      store.setStarred(ids, starred);
      feed.changed(ids);
    },
    'runs.setArchived'({ ids, archived }) {
      store.setArchived(ids, archived);
      feed.changed(ids);
    },
    'runs.delete'({ ids }) {
      queue.trash(ids);
    },
    'runs.restore'({ ids }) {
      store.restoreFromTrash(ids);
      feed.changed(ids);
    },
    'runs.honestNumbers': ({ id }) => honestNumbers(store, id, measureDense),
  };
}
