import { watchDebounced } from '@vueuse/core';
import {
  computed,
  inject,
  onScopeDispose,
  provide,
  reactive,
  shallowRef,
  watch,
  type InjectionKey,
} from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { MaskCatalog } from '../../../shared/masks.ts';
import { useLiveFrames } from '../../charts/live-watch.ts';
import { useHost } from '../../host/client.ts';
import { arrange, type FieldShape } from '../../masks/arrangement.ts';
import { startEngine } from '../../masks/client.ts';
import { groupPatterns } from '../../masks/patterns.ts';
import type { Coloring, MaskRef, Scene } from '../../masks/scene.ts';
import { MaskSource } from '../../masks/source.ts';
import { useRuns } from '../../stores/runs.ts';
import { counterpart, snapshotAt, withFrame } from './snapshots.ts';
import { readState, writeState } from './state.ts';
import { useAnalysis } from './use-analysis.ts';

/** A mask is coloured by its weights where they are at least so many pixels large. */
const weightsFrom = 8;

export type Inspector = ReturnType<typeof createInspector>;
const inspectorKey: InjectionKey<Inspector> = Symbol('inspector');

/** The inspector of the view around this component. */
export function useInspector(): Inspector {
  return inject(inspectorKey)!;
}

/** Everything that the parts of the inspector share: what is looked at, and where masks come from. */
export function provideInspector(runId: string): Inspector {
  const inspector = createInspector(runId);
  provide(inspectorKey, inspector);
  return inspector;
}

function createInspector(runId: string) {
  const host = useHost();
  const runs = useRuns();
  const route = useRoute();
  const router = useRouter();

  const source = new MaskSource(host);
  // Two workers: the picture stays smooth while long histories are folded.
  const painter = startEngine(source);
  const analyst = startEngine(source);

  const state = reactive(readState(route.query));
  const catalog = shallowRef<MaskCatalog>();
  const otherCatalog = shallowRef<MaskCatalog>();
  const error = shallowRef<unknown>();
  const otherError = shallowRef<unknown>();
  /** The weights of the layer in the newest checkpoint, where there are any. */
  const weights = shallowRef<{ layer: string; step: number; values: Float32Array }>();
  const imageShape = shallowRef<FieldShape>();

  const row = computed(() => runs.rows.get(runId));
  const otherRow = computed(() => (state.otherRun ? runs.rows.get(state.otherRun) : undefined));

  const layer = computed(() => {
    const layers = catalog.value?.layers ?? [];
    return layers.find(({ name }) => name === state.layer) ?? layers[0];
  });
  const newestStep = computed(() => catalog.value?.steps.at(-1) ?? 0);
  const isFollowing = computed(() => state.step === undefined);
  const step = computed(() => Math.min(state.step ?? newestStep.value, newestStep.value));
  const snapshot = computed(() => layer.value && snapshotAt(layer.value, step.value));

  const mask = computed(
    (): MaskRef | undefined =>
      layer.value && { run: runId, layer: layer.value.name, step: snapshot.value!.step },
  );
  const isComparing = computed(() => state.otherRun !== undefined || state.otherStep !== undefined);
  const otherLayer = computed(() => {
    if (!layer.value || !isComparing.value) return undefined;
    if (!state.otherRun || state.otherRun === runId) return layer.value;
    return otherCatalog.value && counterpart(layer.value, otherCatalog.value.layers);
  });
  const otherStep = computed(() => {
    const steps =
      state.otherRun && state.otherRun !== runId ? otherCatalog.value?.steps : catalog.value?.steps;
    return state.otherStep ?? steps?.at(-1) ?? 0;
  });
  const otherMask = computed((): MaskRef | undefined => {
    const compared = otherLayer.value;
    if (!compared) return undefined;
    const at = snapshotAt(compared, otherStep.value).step;
    return { run: state.otherRun ?? runId, layer: compared.name, step: at };
  });

  const isConvolution = computed(() => (layer.value?.shape.length ?? 0) > 2);
  /** The layer's inputs as images: only a linear layer that sees the data itself. */
  const field = computed((): FieldShape | undefined => {
    const shape = imageShape.value;
    const first = catalog.value?.layers[0];
    if (!shape || !first || isConvolution.value || layer.value?.name !== first.name) return undefined;
    return shape.channels * shape.height * shape.width === first.columns ? shape : undefined;
  });
  const arrangements = computed(() => {
    if (isConvolution.value) return ['matrix', 'inputs', 'filters', 'channels'] as const;
    return field.value ? (['matrix', 'inputs', 'fields'] as const) : (['matrix', 'inputs'] as const);
  });
  const arrangement = computed(() =>
    (arrangements.value as readonly string[]).includes(state.arrangement) ? state.arrangement : 'matrix',
  );
  const arranged = computed(() => layer.value && arrange(arrangement.value, layer.value.shape, field.value));

  /** Pixels per weight, as the matrix is drawn. */
  const scale = shallowRef(0);
  const isClose = computed(() => scale.value >= weightsFrom);

  /** Do the weights belong to the mask that is shown? */
  const hasWeights = computed(() => {
    const known = weights.value;
    if (!known || known.layer !== layer.value?.name) return false;
    return snapshotAt(layer.value, known.step).step === snapshot.value?.step;
  });

  const coloring = computed((): Coloring => {
    const steps = layer.value?.steps.slice(0, (snapshot.value?.index ?? 0) + 1) ?? [];
    if (otherMask.value) return { kind: 'difference', other: otherMask.value };
    const pattern = groupPatterns.find(({ n, m }) => state.pattern === `${n}:${m}`);
    if (pattern) return { kind: 'pattern', pattern };
    const wantsWeights = state.coloring === 'weights' || (state.coloring === 'mask' && isClose.value);
    if (wantsWeights && hasWeights.value) return { kind: 'weights', checkpoint: weights.value!.step };
    if (state.coloring === 'age' || state.coloring === 'flips') return { kind: state.coloring, steps };
    return { kind: 'mask' };
  });
  const scene = computed((): Scene | undefined =>
    mask.value
      ? {
          mask: mask.value,
          shape: layer.value!.shape,
          arrangement: arrangement.value,
          field: field.value,
          coloring: coloring.value,
        }
      : undefined,
  );

  const difference = useAnalysis(
    () => mask.value && otherMask.value && { a: mask.value, b: otherMask.value },
    (pair) => analyst.call('difference', pair),
    () => layer.value?.name,
  ).value;

  async function load(): Promise<void> {
    try {
      error.value = undefined;
      catalog.value = await source.list(runId);
    } catch (reason) {
      error.value = reason;
    }
  }

  /** What inputs look like is told by the data set; without it the layer is just a matrix. */
  async function loadImageShape(): Promise<void> {
    const infos = await host.call('datasets.list', {}).catch(() => []);
    const shape = infos.find(({ dataset, name }) =>
      [name, dataset.id].includes(row.value?.dataset ?? ''),
    )?.shape;
    if (shape && shape.length === 3 && shape[1] > 1)
      imageShape.value = { channels: shape[0], height: shape[1], width: shape[2] };
  }

  watch(
    () => state.otherRun,
    async (run) => {
      otherCatalog.value = undefined;
      otherError.value = undefined;
      if (!run || run === runId) return;
      try {
        otherCatalog.value = await source.list(run);
      } catch (reason) {
        otherError.value = reason;
      }
    },
    { immediate: true },
  );

  async function loadWeights(): Promise<void> {
    const name = layer.value?.name;
    if (!name) return;
    const read = await source.values(runId, name).catch(() => undefined);
    if (name === layer.value?.name) weights.value = read && { layer: name, ...read };
  }
  watch(() => layer.value?.name, loadWeights);

  // The address follows what is looked at (browsers limit how often it may change), and a link to another state of
  // the same run, or the back button, is followed. What we wrote ourselves must not come back: it may be old already.
  let written = '';
  watchDebounced(
    () => writeState(state),
    (query) => {
      written = JSON.stringify(query);
      void router.replace({ query });
    },
    { debounce: 250 },
  );
  watch(
    () => route.query,
    (query) => {
      const read = readState(query);
      if (route.params.id === runId && JSON.stringify(writeState(read)) !== written)
        Object.assign(state, read);
    },
  );

  useLiveFrames(() => [runId]);
  const subscriptions = [
    host.on('run.frame', ({ runId: id, frame }) => {
      if (id !== runId) return;
      if (frame.type === 'topology') {
        // The first snapshot of a run that has just started tells of layers we know nothing about.
        if (catalog.value?.layers.length) catalog.value = withFrame(catalog.value, frame);
        else void load();
      } else if (frame.type === 'checkpoint') {
        source.forgetValues(runId);
        void loadWeights();
      }
    }),
    host.on('run.truncated', ({ runId: id }) => {
      if (id !== runId) return;
      source.forget(runId);
      void painter.call('forget', runId);
      void analyst.call('forget', runId);
      void load();
    }),
  ];
  // After a lost connection nobody knows what was missed.
  watch(host.status, (status) => status === 'open' && void load());

  onScopeDispose(() => {
    for (const stop of subscriptions) stop();
    painter.dispose();
    analyst.dispose();
  });

  void load();
  void loadImageShape();

  return {
    runId,
    state,
    source,
    painter,
    analyst,
    catalog,
    error,
    otherError,
    otherIsLoaded: computed(() => otherCatalog.value !== undefined),
    row,
    otherRow,
    layer,
    step,
    newestStep,
    isFollowing,
    snapshot,
    mask,
    isComparing,
    otherLayer,
    otherStep,
    otherMask,
    isConvolution,
    field,
    arrangements,
    arrangement,
    arranged,
    weights,
    hasWeights,
    coloring,
    scale,
    scene,
    difference,
    load,
    /** Shows the masks at a step; at the newest one they are followed. */
    goToStep(target: number): void {
      state.step = target >= newestStep.value ? undefined : target;
    },
    stopComparing(): void {
      state.otherRun = undefined;
      state.otherStep = undefined;
    },
  };
}
