// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { defineComponent, nextTick } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { useChartView, type ChartView } from '../../../../renderer/views/run/use-chart-view.ts';

async function open(address: string) {
  let view!: ChartView;
  const page = defineComponent({ setup: () => ((view = useChartView()), () => null) });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/runs/:id', component: page }],
  });
  await router.push(address);
  mount({ template: '<RouterView />' }, { global: { plugins: [router] } });
  await nextTick();
  const settled = async () => {
    await nextTick();
    await router.isReady();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { view, router, settled };
}

describe('useChartView', () => {
  it('reads the picture from the address', async () => {
    const { view } = await open('/runs/a?x=flops&y=log&smooth=0.9&zoom=10..20&marks=0&all=1&chart=loss');
    expect(view.x.value).toBe('flops');
    expect(view.yScale.value).toBe('log');
    expect(view.smoothing.value).toBe(0.9);
    expect(view.zoom.value).toEqual([10, 20]);
    expect(view.showMarks.value).toBe(false);
    expect(view.showAllSeries.value).toBe(true);
    expect(view.largeChart.value).toBe('loss');
  });

  it('survives addresses that make no sense', async () => {
    const { view } = await open('/runs/a?x=constructor&y=cubic&smooth=7&zoom=20..x&marks=maybe');
    expect(view.x.value).toBe('step');
    expect(view.yScale.value).toBe('linear');
    expect(view.smoothing.value).toBeLessThan(1);
    expect(view.zoom.value).toBeUndefined();
  });

  it('writes what differs from the defaults, and nothing else', async () => {
    const { view, router, settled } = await open('/runs/a?other=1');
    view.yScale.value = 'log';
    await settled();
    view.zoom.value = [0.1 + 0.2, 5];
    await settled();
    expect(router.currentRoute.value.query).toEqual({ other: '1', y: 'log', zoom: '0.3..5' });
    view.yScale.value = 'linear';
    await settled();
    expect(router.currentRoute.value.query).toEqual({ other: '1', zoom: '0.3..5' });
  });

  it('drops a range when the axis changes', async () => {
    const { view, router, settled } = await open('/runs/a?zoom=10..20');
    view.x.value = 'epoch';
    await settled();
    expect(router.currentRoute.value.query).toEqual({ x: 'epoch' });
  });
});
