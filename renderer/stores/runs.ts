import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef, watch } from 'vue';
import type { Input } from '../../shared/contract.ts';
import type { RunRow } from '../../shared/run-view.ts';
import { pushUndo } from '../commands/undo.ts';
import { useHost } from '../host/client.ts';
import { toast } from '../ui/toast.ts';

/** Calls that act on one run and return nothing. */
type Action =
  | 'runs.pause'
  | 'runs.continue'
  | 'runs.stop'
  | 'runs.kill'
  | 'runs.checkpoint'
  | 'runs.resume'
  | 'queue.remove';

/** Every run as a row, kept up to date by the host's events; the trash is not among them. */
export const useRuns = defineStore('runs', () => {
  const host = useHost();
  const rows = shallowRef(new Map<string, RunRow>());
  const loaded = ref(false);
  const error = ref<unknown>();

  /** Newest first: ids sort by creation. */
  const list = computed(() => [...rows.value.values()].sort((a, b) => (a.id < b.id ? 1 : -1)));

  async function load(): Promise<void> {
    try {
      const all = await host.call('runs.list', {});
      rows.value = new Map(all.map((row) => [row.id, row]));
      loaded.value = true;
      error.value = undefined;
    } catch (reason) {
      error.value = reason;
    }
  }

  host.on('runs.changed', ({ rows: changed, removed }) => {
    for (const row of changed) rows.value.set(row.id, row);
    for (const id of removed) rows.value.delete(id);
    triggerRef(rows);
  });
  // After a lost connection nobody knows what was missed.
  watch(host.status, (status) => status === 'open' && loaded.value && load());

  /** Errors of actions are shown where the user looks, and thrown on for callers that want to react. */
  async function act<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (reason) {
      toast({ text: (reason as Error).message, tone: 'bad' });
      throw reason;
    }
  }

  const action = (name: Action) => (id: string) => act(() => host.call(name, { id }));

  const restore = (ids: readonly string[]) => act(() => host.call('runs.restore', { ids: [...ids] }));

  /** Moves runs to the trash, with an undo. */
  async function trash(ids: readonly string[]): Promise<void> {
    await act(() => host.call('runs.delete', { ids: [...ids] }));
    const what = ids.length === 1 ? 'Run deleted' : `${ids.length} runs deleted`;
    const undo = pushUndo({ label: what, run: () => restore(ids) });
    toast({ text: what, action: { label: 'Undo', run: undo } });
  }

  async function setArchived(ids: readonly string[], archived: boolean): Promise<void> {
    await act(() => host.call('runs.setArchived', { ids: [...ids], archived }));
    const verb = archived ? 'archived' : 'taken out of the archive';
    const what = ids.length === 1 ? `Run ${verb}` : `${ids.length} runs ${verb}`;
    const undo = pushUndo({
      label: what,
      run: () => act(() => host.call('runs.setArchived', { ids: [...ids], archived: !archived })),
    });
    toast({ text: what, action: { label: 'Undo', run: undo } });
  }

  return {
    rows,
    list,
    loaded,
    error,
    load,
    get: (id: string): RunRow | undefined => rows.value.get(id),
    create: (input: Input<'runs.create'>) => act(() => host.call('runs.create', input)),
    createBaseline: (id: string, kind: Input<'runs.createBaseline'>['kind']) =>
      act(() => host.call('runs.createBaseline', { id, kind })),
    pause: action('runs.pause'),
    continue: action('runs.continue'),
    stop: action('runs.stop'),
    kill: action('runs.kill'),
    checkpoint: action('runs.checkpoint'),
    resume: action('runs.resume'),
    removeFromQueue: action('queue.remove'),
    trash,
    restore,
    setArchived,
    setStarred: (ids: readonly string[], starred: boolean) =>
      act(() => host.call('runs.setStarred', { ids: [...ids], starred })),
    rename: (id: string, name: string) => act(() => host.call('runs.rename', { id, name })),
    setTags: (id: string, tags: readonly string[]) =>
      act(() => host.call('runs.setTags', { id, tags: [...tags] })),
  };
});
