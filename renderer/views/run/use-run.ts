import { useDebounceFn } from '@vueuse/core';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { UserError } from '../../../shared/errors.ts';
import type { ScalarFrame } from '../../../shared/frames.ts';
import type { MaskCatalog } from '../../../shared/masks.ts';
import type { RunDetail } from '../../../shared/run-view.ts';
import { stepParts } from '../../../shared/step-parts.ts';
import { useLiveFrames } from '../../charts/live-watch.ts';
import { useHost } from '../../host/client.ts';
import { useRuns } from '../../stores/runs.ts';
import { useTasks } from '../../stores/tasks.ts';

/** What the host tells of a run comes in bursts; its details are read again once they are over, milliseconds. */
const settleMs = 700;

/** `fc2` comes before `fc10`. */
const natural = new Intl.Collator('en', { numeric: true });

/** One run with everything about it, up to date while the component lives. */
export function useRun(id: () => string) {
  const host = useHost();
  const runs = useRuns();
  const tasks = useTasks();
  const detail = shallowRef<RunDetail>();
  const masks = shallowRef<MaskCatalog>();
  const error = shallowRef<unknown>();
  const isMissing = ref(false);
  /** Series that appeared since the details were read. */
  const newKeys = ref<string[]>([]);
  /** How fast it trains now; undefined while nobody measures it. */
  const speed = ref<Speed>();
  const progress = computed(() => tasks.starting.get(id()));

  const row = computed(() => runs.get(id()) ?? detail.value?.row);
  const keys = computed(() =>
    [...new Set([...(detail.value?.series ?? []), ...newKeys.value])].sort(natural.compare),
  );

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
        speed.value = speedOf(frame, speed.value) ?? speed.value;
      } else if (frame.type === 'topology') void loadMasksSoon();
      else void loadSoon();
    }),
    host.on('run.truncated', ({ runId }) => runId === id() && void loadSoon()),
  ];
  onScopeDispose(() => stop.forEach((end) => end()));

  watch(
    id,
    () => {
      detail.value = masks.value = speed.value = error.value = undefined;
      newKeys.value = [];
      isMissing.value = false;
      void load();
      void loadMasks();
    },
    { immediate: true },
  );
  watch([() => row.value?.state, host.status], ([, status]) => {
    if (status !== 'open') return;
    void loadSoon();
    void loadMasksSoon();
  });

  return { row, detail, masks, keys, speed, progress, error, isMissing, load };
}

export interface Speed {
  samplesPerSecond: number;
  /** Milliseconds per training step. */
  stepMs: number;
}

/** A moving average over frames: single ones jump with whatever else the machine does. */
export function speedOf(frame: ScalarFrame, before: Speed | undefined): Speed | undefined {
  const last = (key: string) => frame.series.find((series) => series.key === key)?.values.at(-1);
  const samplesPerSecond = last('throughput/samplesPerSecond');
  const parts = stepParts.map((part) => last(`time/${part}`) ?? 0);
  if (samplesPerSecond === undefined) return undefined;
  const now = { samplesPerSecond, stepMs: parts.reduce((sum, ms) => sum + ms, 0) };
  if (!before) return now;
  const mix = (a: number, b: number) => 0.8 * a + 0.2 * b;
  return {
    samplesPerSecond: mix(before.samplesPerSecond, now.samplesPerSecond),
    stepMs: mix(before.stepMs, now.stepMs),
  };
}
