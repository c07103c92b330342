import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { XKind } from '../../../shared/contract.ts';
import { xAxes } from '../../charts/x-kinds.ts';

export type YScale = 'linear' | 'log';

/** How the charts of a run are looked at; kept in the address, so that a link shows the same picture. */
export function useChartView() {
  const route = useRoute();
  const router = useRouter();

  const text = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] : undefined);
  /** Values left out are the defaults, so that plain addresses stay short. */
  const change = (patch: Record<string, string | undefined>) =>
    void router.replace({ query: { ...route.query, ...patch }, hash: route.hash });

  const x = computed<XKind>({
    get: () => (text('x') && Object.hasOwn(xAxes, text('x')!) ? (text('x') as XKind) : 'step'),
    // A range in steps means nothing on another axis.
    set: (kind) => change({ x: kind === 'step' ? undefined : kind, zoom: undefined }),
  });
  const yScale = computed<YScale>({
    get: () => (text('y') === 'log' ? 'log' : 'linear'),
    set: (scale) => change({ y: scale === 'log' ? 'log' : undefined }),
  });
  const smoothing = computed<number>({
    get: () => Math.min(0.999, Math.max(0, Number(text('smooth')) || 0)),
    set: (weight) => change({ smooth: weight > 0 ? String(weight) : undefined }),
  });
  const zoom: WritableComputedRef<readonly [number, number] | undefined> = computed({
    get: (): readonly [number, number] | undefined => {
      const [from, to] = (text('zoom') ?? '').split('..').map(Number);
      return from < to ? [from, to] : undefined;
    },
    set: (range: readonly [number, number] | undefined) =>
      change({ zoom: range && `${Number(range[0].toPrecision(8))}..${Number(range[1].toPrecision(8))}` }),
  });
  const flag = (name: string, byDefault: boolean): WritableComputedRef<boolean> =>
    computed({
      get: () => (text(name) === undefined ? byDefault : text(name) === '1'),
      set: (on) => change({ [name]: on === byDefault ? undefined : on ? '1' : '0' }),
    });
  const word = (name: string, byDefault: string): WritableComputedRef<string> =>
    computed({
      get: () => text(name) ?? byDefault,
      set: (value) => change({ [name]: value === byDefault ? undefined : value }),
    });

  return {
    x,
    yScale,
    smoothing,
    zoom,
    /** Topology updates and fine phases. */
    showMarks: flag('marks', true),
    showAllSeries: flag('all', false),
    /** The chart that fills the view; '' for the grid. */
    largeChart: word('chart', ''),
    tab: word('tab', 'overview'),
  };
}

export type ChartView = ReturnType<typeof useChartView>;
