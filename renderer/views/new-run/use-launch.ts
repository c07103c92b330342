import { ref } from 'vue';
import { useRouter } from 'vue-router';
import type { Catalog } from '../../../shared/catalog.ts';
import { useQueue } from '../../stores/queue.ts';
import { useRuns } from '../../stores/runs.ts';
import { toast } from '../../ui/toast.ts';
import { writeConfig, type Draft } from './draft.ts';

export interface Launch {
  drafts: readonly Draft[];
  tags: readonly string[];
  parentRunId: string | undefined;
  fromStep: number | undefined;
  /** Stays in the form instead of following the run. */
  stay: boolean;
}

/** Stores runs and queues them, then shows the run that starts, or how many are before it. */
export function useLaunch() {
  const router = useRouter();
  const runs = useRuns();
  const queue = useQueue();
  const busy = ref(false);

  /** Errors are shown as a toast by the store; what was queued before one stays queued. */
  async function launch(
    catalog: Catalog,
    { drafts, tags, parentRunId, fromStep, stay }: Launch,
  ): Promise<void> {
    const before = queue.queue.waiting.length;
    const free = queue.queue.slots - queue.queue.active.length - before;
    busy.value = true;
    const ids: string[] = [];
    try {
      for (const draft of drafts) {
        const { id } = await runs.create({ config: writeConfig(catalog, draft), parentRunId, fromStep });
        ids.push(id);
        if (tags.length > 0) await runs.setTags(id, tags);
      }
    } catch {
      if (ids.length === 0) return;
    } finally {
      busy.value = false;
    }
    const open = () => router.push({ name: 'run', params: { id: ids[0] } });
    if (!stay && ids.length === 1 && free > 0) return void (await open());
    toast({
      text: queuedText(ids.length, Math.max(0, free), before),
      tone: 'good',
      action: { label: ids.length === 1 ? 'Open run' : 'Open the first', run: open },
    });
    if (!stay) await router.push({ name: 'runs' });
  }

  return { launch, busy };
}

/** What became of queued runs: how many start now, and where the others wait. */
export function queuedText(count: number, free: number, waitingBefore: number): string {
  const starting = Math.min(count, free);
  const what = count === 1 ? 'Run' : `${count} runs`;
  if (starting === count) return `${what} started`;
  const before = waitingBefore === 1 ? '1 run waits' : `${waitingBefore} runs wait`;
  if (starting === 0)
    return waitingBefore === 0 ? `${what} queued, next in line` : `${what} queued; ${before} before`;
  return `${what} queued, ${starting} of them ${starting === 1 ? 'starts' : 'start'} now`;
}
