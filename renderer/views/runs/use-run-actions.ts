import {
  Archive,
  ArchiveRestore,
  ArrowUpRight,
  Copy,
  CopyPlus,
  Dices,
  Download,
  GitCompareArrows,
  Grid3x3,
  Pause,
  Pencil,
  Play,
  RotateCw,
  Scale,
  Square,
  Star,
  StarOff,
  Tags,
  Trash2,
} from '@lucide/vue';
import { useRouter } from 'vue-router';
import { isEnd, isLive } from '../../../shared/run-state.ts';
import type { RunRow } from '../../../shared/run-view.ts';
import { maxCompared } from '../../runs/compare-state.ts';
import { useRuns } from '../../stores/runs.ts';
import type { MenuItem } from '../../ui/menu.ts';
import { toast } from '../../ui/toast.ts';

/** Dialogs that actions open; the view shows them. */
export interface RunDialogs {
  rename(run: RunRow): void;
  tag(runs: readonly RunRow[]): void;
  export(run: RunRow): void;
}

/** What can be done with runs, for menus, keys and the selection bar. */
export function useRunActions(dialogs: RunDialogs) {
  const runs = useRuns();
  const router = useRouter();

  const rowsOf = (ids: readonly string[]) => ids.flatMap((id) => runs.get(id) ?? []);

  async function createBaseline(id: string, kind: 'random-mask' | 'dense-equal-flops'): Promise<void> {
    const { id: created } = await runs.createBaseline(id, kind);
    const what = kind === 'random-mask' ? 'Random mask at equal density' : 'Dense training at equal FLOPs';
    toast({
      text: `${what}: queued`,
      tone: 'good',
      action: { label: 'Open', run: () => router.push(`/runs/${created}`) },
    });
  }

  const actions = {
    open: (id: string) => void router.push(`/runs/${id}`),
    compare: (ids: readonly string[]) =>
      void router.push({ path: '/compare', query: { ids: ids.slice(0, maxCompared).join(',') } }),
    clone: (id: string) => void router.push({ path: '/new', query: { from: id } }),
    inspect: (id: string) => void router.push(`/runs/${id}/masks`),
    /** Stars all of them, or unstars them if all have a star. */
    star: (ids: readonly string[]) =>
      runs.setStarred(
        ids,
        rowsOf(ids).some(({ starred }) => !starred),
      ),
    archive: (ids: readonly string[]) =>
      runs.setArchived(
        ids,
        rowsOf(ids).some(({ archived }) => !archived),
      ),
    async trash(ids: readonly string[]): Promise<void> {
      const live = rowsOf(ids).filter(({ state }) => isLive(state));
      if (live.length === 0) return runs.trash(ids);
      const which = live.length === 1 ? `“${live[0].name}” trains` : `${live.length} of them train`;
      toast({ text: `${which} now: stop first, then delete.`, tone: 'bad' });
    },
    createBaseline,
  };

  function menuFor(ids: readonly string[]): MenuItem[] {
    const rows = rowsOf(ids);
    if (rows.length === 0) return [];
    return rows.length === 1 ? menuForOne(rows[0]) : menuForMany(rows);
  }

  function menuForOne(row: RunRow): MenuItem[] {
    const { id, state } = row;
    const control: MenuItem[] = [];
    if (state === 'running')
      control.push({ label: 'Pause', icon: Pause, keys: 'p', run: () => runs.pause(id) });
    if (state === 'paused')
      control.push({ label: 'Continue', icon: Play, keys: 'p', run: () => runs.continue(id) });
    if (state === 'running' || state === 'paused') {
      control.push({ label: 'Stop', icon: Square, keys: 'Shift+S', run: () => runs.stop(id) });
    }
    if (state === 'queued') {
      control.push({ label: 'Take out of the queue', icon: Square, run: () => runs.removeFromQueue(id) });
    }
    if (isEnd(state) && state !== 'finished') {
      control.push({ label: 'Resume', icon: RotateCw, keys: 'r', run: () => runs.resume(id) });
    }
    return [
      { label: 'Open', icon: ArrowUpRight, keys: 'Enter', run: () => actions.open(id) },
      { label: 'Inspect masks', icon: Grid3x3, keys: 'm', run: () => actions.inspect(id) },
      { label: 'Clone', icon: CopyPlus, keys: 'Shift+C', run: () => actions.clone(id) },
      { label: 'Export weights', icon: Download, keys: 'e', run: () => dialogs.export(row) },
      ...(control.length > 0 ? (['separator', ...control] as MenuItem[]) : []),
      'separator',
      {
        label: 'Baseline: random mask, equal density',
        icon: Dices,
        disabled: state !== 'finished',
        run: () => createBaseline(id, 'random-mask'),
      },
      {
        label: 'Baseline: dense, equal FLOPs',
        icon: Scale,
        disabled: state !== 'finished',
        run: () => createBaseline(id, 'dense-equal-flops'),
      },
      'separator',
      { label: 'Rename', icon: Pencil, run: () => dialogs.rename(row) },
      ...menuOfAll([row]),
      'separator',
      { label: 'Copy id', icon: Copy, run: () => navigator.clipboard.writeText(id) },
      { label: 'Delete', icon: Trash2, danger: true, run: () => actions.trash([id]) },
    ];
  }

  function menuForMany(rows: readonly RunRow[]): MenuItem[] {
    const ids = rows.map(({ id }) => id);
    return [
      {
        label: `Compare ${rows.length} runs`,
        icon: GitCompareArrows,
        disabled: rows.length > maxCompared,
        run: () => actions.compare(ids),
      },
      'separator',
      ...menuOfAll(rows),
      'separator',
      { label: `Delete ${rows.length} runs`, icon: Trash2, danger: true, run: () => actions.trash(ids) },
    ];
  }

  function menuOfAll(rows: readonly RunRow[]): MenuItem[] {
    const ids = rows.map(({ id }) => id);
    const isStarred = rows.every(({ starred }) => starred);
    const isArchived = rows.every(({ archived }) => archived);
    return [
      {
        label: isStarred ? 'Unstar' : 'Star',
        icon: isStarred ? StarOff : Star,
        keys: 's',
        run: () => actions.star(ids),
      },
      { label: 'Edit tags', icon: Tags, keys: 't', run: () => dialogs.tag(rows) },
      {
        label: isArchived ? 'Take out of the archive' : 'Archive',
        icon: isArchived ? ArchiveRestore : Archive,
        run: () => actions.archive(ids),
      },
    ];
  }

  return { ...actions, menuFor };
}

export type RunActions = ReturnType<typeof useRunActions>;
