import {
  Boxes,
  CirclePause,
  CirclePlay,
  Copy,
  Download,
  FileText,
  Flag,
  GitCompare,
  Package as PackageIcon,
  Pencil,
  RotateCw,
  Shuffle,
  Square,
  Star,
  StarOff,
  TableProperties,
  Trash2,
  X,
  type LucideIcon,
} from '@lucide/vue';
import { computed, ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { isEnd, isLive } from '../../../shared/run-state.ts';
import type { RunRow } from '../../../shared/run-view.ts';
import { useCommand } from '../../commands/commands.ts';
import { useRuns } from '../../stores/runs.ts';
import { confirm } from '../../ui/confirm.ts';
import type { MenuItem } from '../../ui/menu.ts';
import { toast } from '../../ui/toast.ts';
import { useRunFiles } from './use-run-files.ts';

/** A run that takes longer than this to stop may be stuck; then it may be ended the hard way. */
const stopPatienceMs = 15_000;

/** Everything that can be done with a run, by its state: for buttons, the menu, and the command palette. */
export function useRunActions(row: Ref<RunRow | undefined>, exporting: Ref<boolean>, renaming: Ref<boolean>) {
  const runs = useRuns();
  const router = useRouter();
  const files = useRunFiles();
  const stopAskedMs = ref(0);

  const is = (...states: RunRow['state'][]) => row.value !== undefined && states.includes(row.value.state);
  const canPause = computed(() => is('running'));
  const canContinue = computed(() => is('paused'));
  const canStop = computed(() => is('starting', 'running', 'paused', 'stopping', 'queued'));
  const canCheckpoint = computed(() => is('running', 'paused'));
  const canResume = computed(() => is('stopped', 'failed', 'lost'));
  const hasEnded = computed(() => row.value !== undefined && isEnd(row.value.state));

  /** The store has shown the error; nothing is left to do here. */
  const quietly = (call: Promise<unknown>) => void call.catch(() => {});

  async function stop(): Promise<void> {
    const run = row.value!;
    if (run.state === 'queued') return runs.removeFromQueue(run.id);
    if (run.state !== 'stopping') {
      stopAskedMs.value = Date.now();
      return runs.stop(run.id);
    }
    const waits = Date.now() - stopAskedMs.value < stopPatienceMs;
    const agreed = await confirm({
      title: 'End the training process now?',
      text: `The run is writing a checkpoint${waits ? ' and usually ends within seconds' : ''}. Ending it now loses what came after its newest checkpoint.`,
      action: 'End it now',
      danger: true,
    });
    if (agreed) await runs.kill(run.id);
  }

  async function checkpoint(): Promise<void> {
    await runs.checkpoint(row.value!.id);
    toast({ text: 'Checkpoint requested' });
  }

  async function baseline(kind: 'random-mask' | 'dense-equal-flops'): Promise<void> {
    const { id } = await runs.createBaseline(row.value!.id, kind);
    toast({
      text: kind === 'random-mask' ? 'Random-mask baseline queued' : 'Dense baseline queued',
      tone: 'good',
      action: { label: 'Open', run: () => router.push(`/runs/${id}`) },
    });
  }

  async function remove(): Promise<void> {
    const { id } = row.value!;
    await runs.trash([id]);
    await router.push('/runs');
  }

  const star = () => quietly(runs.setStarred([row.value!.id], !row.value!.starred));
  const clone = () => router.push({ path: '/new', query: { from: row.value!.id } });
  const inspect = () => router.push(`/runs/${row.value!.id}/masks`);
  const compare = () => router.push({ path: '/compare', query: { ids: row.value!.id } });
  const pauseOrContinue = () =>
    quietly(canPause.value ? runs.pause(row.value!.id) : runs.continue(row.value!.id));
  const resume = () => quietly(runs.resume(row.value!.id));

  useCommand('run.pause', { run: pauseOrContinue, enabled: () => canPause.value || canContinue.value });
  useCommand('run.stop', { run: () => quietly(stop()), enabled: () => canStop.value });
  useCommand('run.checkpoint', { run: () => quietly(checkpoint()), enabled: () => canCheckpoint.value });
  useCommand('run.resume', { run: resume, enabled: () => canResume.value });
  useCommand('run.clone', { run: clone, enabled: () => row.value !== undefined });
  useCommand('run.star', { run: star, enabled: () => row.value !== undefined });
  useCommand('run.inspect', { run: inspect, enabled: () => row.value !== undefined });
  useCommand('run.report', {
    run: () => void files.writeReport(row.value!),
    enabled: () => row.value !== undefined,
  });
  useCommand('run.archive', { run: () => void files.saveArchive(row.value!), enabled: () => hasEnded.value });
  useCommand('run.export', { run: () => (exporting.value = true), enabled: () => row.value !== undefined });

  /** The one or two that matter in this state, as buttons. */
  const buttons = computed(() => {
    const list: { label: string; icon: LucideIcon; keys: string; primary: boolean; run: () => void }[] = [];
    const add = (label: string, icon: LucideIcon, keys: string, run: () => void, primary = false) =>
      list.push({ label, icon, keys, primary, run });
    if (canPause.value) add('Pause', CirclePause, 'p', pauseOrContinue);
    if (canContinue.value) add('Continue', CirclePlay, 'p', pauseOrContinue, true);
    if (canResume.value) add('Resume', RotateCw, 'r', resume, true);
    if (is('queued')) add('Take out of the queue', X, 'Shift+S', () => quietly(stop()));
    else if (is('stopping')) add('End now', Square, 'Shift+S', () => quietly(stop()));
    else if (canStop.value) add('Stop', Square, 'Shift+S', () => quietly(stop()));
    if (is('finished')) add('Export', Download, 'e', () => (exporting.value = true), true);
    add('Masks', Boxes, 'm', inspect);
    return list;
  });

  const menu = computed<MenuItem[]>(() => {
    const run = row.value;
    if (!run) return [];
    return [
      { label: 'Rename', icon: Pencil, run: () => (renaming.value = true) },
      {
        label: run.starred ? 'Remove the star' : 'Star',
        icon: run.starred ? StarOff : Star,
        keys: 's',
        run: star,
      },
      {
        label: 'Checkpoint now',
        icon: Flag,
        disabled: !canCheckpoint.value,
        run: () => quietly(checkpoint()),
      },
      'separator',
      { label: 'Clone into a new run', icon: Copy, keys: 'Shift+C', run: clone },
      { label: 'Compare with others', icon: GitCompare, run: compare },
      { label: 'Export weights', icon: Download, keys: 'e', run: () => (exporting.value = true) },
      { label: 'Write a report (HTML)', icon: FileText, run: () => void files.writeReport(run) },
      {
        label: 'Save an archive of the run',
        icon: PackageIcon,
        disabled: !hasEnded.value,
        run: () => void files.saveArchive(run),
      },
      'separator',
      {
        label: 'Queue baseline: random mask, equal density',
        icon: Shuffle,
        disabled: !hasEnded.value,
        run: () => quietly(baseline('random-mask')),
      },
      {
        label: 'Queue baseline: dense, equal FLOPs',
        icon: TableProperties,
        disabled: !hasEnded.value,
        run: () => quietly(baseline('dense-equal-flops')),
      },
      'separator',
      {
        label: run.archived ? 'Take out of the archive' : 'Archive',
        run: () => quietly(runs.setArchived([run.id], !run.archived)),
      },
      {
        label: 'Delete',
        icon: Trash2,
        danger: true,
        disabled: isLive(run.state),
        run: () => quietly(remove()),
      },
    ];
  });

  return { buttons, menu, star, baseline };
}
