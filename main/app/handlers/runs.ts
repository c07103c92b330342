import { createBaseline } from '../baselines.ts';
import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { measureDenseHere } from '../dense-measurement.ts';
import { honestNumbers } from '../honest-numbers.ts';
import { describeRun } from '../run-detail.ts';

type RunCall = Extract<keyof Handlers, `runs.${string}`>;

export function runsHandlers(context: HostContext): Pick<Handlers, RunCall> {
  const { store, workspace, queue, runs } = context;
  const { feed } = queue;
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
    'runs.honestNumbers': ({ id }) => honestNumbers(store, id, measureDenseHere(context)),
  };
}
