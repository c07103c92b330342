import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';
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
  // The array before if nothing was added: charts draw again when they are given another one.
  const marks: ComputedRef<readonly ChartMark[]> = computed((before) => {
    const now = view.showMarks.value ? marksOf(fineSteps.value, masks.value?.steps ?? []) : [];
    const isSame = before?.length === now.length && now.every((mark, i) => isEqual(mark, before[i]));
    return isSame ? before : now;
  });
  return marks;
}

function marksOf(fine: readonly number[], masks: readonly number[]): ChartMark[] {
  // Before training nothing changed yet.
  const changes = masks.filter((step) => step > 0).map((step) => step - 1);
  return [
    ...fine.map((step): ChartMark => ({ step, kind: 'fine' })),
    ...changes.map((step): ChartMark => ({ step, kind: 'topology' })),
  ];
}

const isEqual = (a: ChartMark, b: ChartMark) => a.step === b.step && a.kind === b.kind;

/** Steps of buckets with a dense gradient; none where they are so many that marking them would say nothing. */
export function fineStepsOf(curve: DrawnCurve | undefined): number[] {
  const steps: number[] = [];
  for (let i = 0; curve && i < curve.length; i++) if (curve.max[i] > 0) steps.push(curve.steps[i]);
  return curve && steps.length <= curve.length / 3 ? steps : [];
}
