import { watchDebounced } from '@vueuse/core';
import { computed, onScopeDispose, shallowRef, triggerRef, watch, type Ref } from 'vue';
import type { MaskLayer } from '../../../shared/masks.ts';
import { levelCount } from '../../masks/pyramid.ts';
import { maskKey } from '../../masks/scene.ts';
import { snapshotAt } from './snapshots.ts';
import type { Inspector } from './use-inspector.ts';

/** A layer at the step that is shown. */
export interface LayerFacts {
  layer: MaskLayer;
  nnz: number;
  parameters: number;
  density: number;
  /** Its share of the sparse layers' multiply-accumulates at this step. */
  flopsShare: number;
  /** The following need the mask itself; undefined until it is here. */
  deadRows: number | undefined;
  deadColumns: number | undefined;
  /** Entries that changed at its last update, as a share of its ones. */
  churn: number | undefined;
  spy: ImageBitmap | undefined;
}

interface Measured {
  key: string;
  deadRows: number;
  deadColumns: number;
  churn: number;
  spy: ImageBitmap;
}

/** The rows of the layer list. What needs masks comes layer by layer, a moment after the step stands still. */
export function useLayerFacts(inspector: Inspector, theme: Ref<string>) {
  const { catalog, step, painter, analyst, runId } = inspector;
  const measured = shallowRef(new Map<string, Measured>());
  let generation = 0;

  async function measure(layer: MaskLayer, key: string): Promise<Measured> {
    const { step: at, index } = snapshotAt(layer, step.value);
    const mask = { run: runId, layer: layer.name, step: at };
    const before = { ...mask, step: layer.steps[Math.max(0, index - 1)] };
    const level = Math.max(0, levelCount(layer.rows, layer.columns) - 1);
    const [statistics, change, tile] = await Promise.all([
      analyst.call('statistics', mask),
      analyst.call('difference', { a: before, b: mask }),
      painter.call('tile', {
        scene: {
          mask,
          shape: layer.shape,
          arrangement: 'matrix',
          field: undefined,
          coloring: { kind: 'mask' },
        },
        at: { level, row: 0, column: 0 },
      }),
    ]);
    return {
      key,
      deadRows: statistics.rows.dead,
      deadColumns: statistics.columns.dead,
      churn: statistics.nnz > 0 ? change.hamming / statistics.nnz : 0,
      spy: tile.bitmap,
    };
  }

  async function measureAll(): Promise<void> {
    const mine = ++generation;
    for (const layer of catalog.value?.layers ?? []) {
      const mask = { run: runId, layer: layer.name, step: snapshotAt(layer, step.value).step };
      const key = `${theme.value} ${maskKey(mask)}`;
      if (measured.value.get(layer.name)?.key === key) continue;
      const facts = await measure(layer, key).catch(() => undefined);
      if (mine !== generation) return facts?.spy.close();
      if (!facts) continue;
      measured.value.get(layer.name)?.spy.close();
      measured.value.set(layer.name, facts);
      triggerRef(measured);
    }
  }

  watch(() => catalog.value?.layers.length, measureAll, { immediate: true });
  watchDebounced([step, catalog, theme], measureAll, { debounce: 150 });
  onScopeDispose(() => {
    generation++;
    for (const { spy } of measured.value.values()) spy.close();
  });

  return computed((): LayerFacts[] => {
    const layers = catalog.value?.layers ?? [];
    const now = layers.map((layer) => snapshotAt(layer, step.value).nnz);
    const macs = layers.map((layer, i) => (layer.macs * now[i]) / (layer.rows * layer.columns));
    const allMacs = macs.reduce((a, b) => a + b, 0) || 1;
    return layers.map((layer, i) => {
      const parameters = layer.rows * layer.columns;
      const known = measured.value.get(layer.name);
      return {
        layer,
        nnz: now[i],
        parameters,
        density: now[i] / parameters,
        flopsShare: macs[i] / allMacs,
        deadRows: known?.deadRows,
        deadColumns: known?.deadColumns,
        churn: known?.churn,
        spy: known?.spy,
      };
    });
  });
}

export const sortKeys = [
  'name',
  'density',
  'nnz',
  'parameters',
  'flopsShare',
  'deadRows',
  'deadColumns',
  'churn',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** By a column, unknown values last; without one in the order of the network. */
export function sortFacts(
  facts: readonly LayerFacts[],
  key: SortKey | undefined,
  descending: boolean,
): LayerFacts[] {
  if (!key) return [...facts];
  const value = (fact: LayerFacts) => (key === 'name' ? fact.layer.name : fact[key]);
  const sign = descending ? -1 : 1;
  return [...facts].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    if (typeof x === 'string') return sign * x.localeCompare(String(y), 'en', { numeric: true });
    return sign * (x - Number(y));
  });
}
