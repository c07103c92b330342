import { useDebounceFn } from '@vueuse/core';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { UserError } from '../../../shared/errors.ts';
import type { MaskCatalog } from '../../../shared/masks.ts';
import type { RunDetail } from '../../../shared/run-view.ts';
import { useLiveFrames } from '../../charts/live-watch.ts';
import { useHost } from '../../host/client.ts';
import { useRuns } from '../../stores/runs.ts';

/** What the host tells of a run comes in bursts; its details are read again once they are over, milliseconds. */
const settleMs = 700;

/** One run with everything about it, up to date while the component lives. */
export function useRun(id: () => string) {
  const host = useHost();
  const runs = useRuns();
  const detail = shallowRef<RunDetail>();
  const masks = shallowRef<MaskCatalog>();
  const error = shallowRef<unknown>();
  const isMissing = ref(false);
  /** Series that appeared since the details were read. */
  const newKeys = ref<string[]>([]);
  const progress = ref<{ text: string; fraction: number | undefined }>();

  const row = computed(() => runs.get(id()) ?? detail.value?.row);
  const keys = computed(() => [...new Set([...(detail.value?.series ?? []), ...newKeys.value])].sort());

  async function load(): Promise<void> {
    const asked = id();
    try {
      const answer = await host.call('runs.get', { id: asked });
      if (asked !== id()) return;
      detail.value = answer;
      error.value = undefined;
      isMissing.value = false;
      newKeys.value = newKeys.value.filter((key) => !answer.series.includes(key));
    } catch (reason) {
      if (asked !== id()) return;
      isMissing.value = reason instanceof UserError && reason.code === 'unknown-run';
      error.value = reason;
    }
  }

  async function loadMasks(): Promise<void> {
    const asked = id();
    // A run without masks (dense training) is no error here; the inspector says what it means.
    const answer = await host.call('masks.list', { id: asked }).catch(() => undefined);
    if (asked === id()) masks.value = answer;
  }

  const loadSoon = useDebounceFn(load, settleMs, { maxWait: 3000 });
  const loadMasksSoon = useDebounceFn(loadMasks, settleMs, { maxWait: 2000 });

  useLiveFrames(() => [id()]);
  const stop = [
    host.on('run.frame', ({ runId, frame }) => {
      if (runId !== id()) return;
      if (frame.type === 'scalars') {
        const unknown = frame.series.map(({ key }) => key).filter((key) => !keys.value.includes(key));
        if (unknown.length > 0) newKeys.value = [...newKeys.value, ...unknown];
      } else if (frame.type === 'topology') void loadMasksSoon();
      else void loadSoon();
    }),
    host.on('run.progress', ({ runId, text, fraction }) => {
      if (runId === id()) progress.value = text === '' ? undefined : { text, fraction };
    }),
    host.on('run.truncated', ({ runId }) => runId === id() && void loadSoon()),
  ];
  onScopeDispose(() => stop.forEach((end) => end()));

  watch(
    id,
    () => {
      detail.value = masks.value = progress.value = error.value = undefined;
      newKeys.value = [];
      isMissing.value = false;
      void load();
      void loadMasks();
    },
    { immediate: true },
  );
  watch([() => row.value?.state, host.status], ([state, status]) => {
    if (status !== 'open') return;
    if (state !== 'starting') progress.value = undefined;
    void loadSoon();
    void loadMasksSoon();
  });

  return { row, detail, masks, keys, progress, error, isMissing, load };
}
