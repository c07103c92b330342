import { computed, onScopeDispose, ref, watch, type Ref } from 'vue';
import type { MaskCatalog } from '../../../shared/masks.ts';
import { CurveSource } from '../../charts/curve-source.ts';
import type { ChartMark } from '../../charts/line-drawing.ts';
import type { DrawnCurve } from '../../charts/drawn-curve.ts';
import { useHost } from '../../host/client.ts';
import type { ChartView } from './use-chart-view.ts';

/**
 * What the charts mark at their edges: fine phases (steps that needed the gradients of all weights, where the others
 * did with those of the support) and changes of the masks.
 */
export function useMarks(runId: () => string, masks: Ref<MaskCatalog | undefined>, view: ChartView) {
  const version = ref(0);
  const source = new CurveSource(useHost(), () => version.value++);
  onScopeDispose(() => source.dispose());
  watch(
    () => ({
      series: [{ runId: runId(), key: 'gradients/dense' }],
      x: view.x.value,
      range: view.zoom.value,
      buckets: 1000,
      smoothing: 0,
    }),
    (query) => source.show(query),
    { immediate: true },
  );

  const fineSteps = computed(() => (version.value, fineStepsOf(source.curve(runId(), 'gradients/dense'))));
  return computed<ChartMark[]>(() => {
    if (!view.showMarks.value) return [];
    // Before training nothing changed yet.
    const changes = (masks.value?.steps ?? []).filter((step) => step > 0).map((step) => step - 1);
    return [
      ...fineSteps.value.map((step): ChartMark => ({ step, kind: 'fine' })),
      ...changes.map((step): ChartMark => ({ step, kind: 'topology' })),
    ];
  });
}

/** Steps of buckets with a dense gradient; none where they are so many that marking them would say nothing. */
export function fineStepsOf(curve: DrawnCurve | undefined): number[] {
  const steps: number[] = [];
  for (let i = 0; curve && i < curve.length; i++) if (curve.max[i] > 0) steps.push(curve.steps[i]);
  return curve && steps.length <= curve.length / 3 ? steps : [];
}
