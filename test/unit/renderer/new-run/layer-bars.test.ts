// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import type { LayerPreview } from '../../../../shared/run-preview.ts';
import { densityAt, setDensity } from '../../../../renderer/views/new-run/layer-densities.ts';
import LayerBars from '../../../../renderer/views/new-run/LayerBars.vue';

const layer = (name: string, density: number, sparse = true): LayerPreview => ({
  name,
  shape: [10, 20],
  size: 200,
  macs: 200,
  sparse,
  startDensity: density,
  endDensity: density,
});
const layers = [layer('fc1.weight', 0.1), layer('fc2.weight', NaN), layer('fc3.weight', 1, false)];

const bars = (densities = '', editable = true) =>
  mount(LayerBars, {
    props: { layers, editable, densities },
    global: { stubs: { UiTooltip: { template: '<slot />' } } },
  });

describe('densities per layer', () => {
  it('sets one layer and leaves the others', () => {
    expect(setDensity('', 'fc1.weight', 0.05)).toBe('fc1.weight=0.05');
    expect(setDensity('a=0.1,b=0.2', 'a', 0.3)).toBe('a=0.3,b=0.2');
    expect(setDensity('a=0.1,b=0.2', 'a', undefined)).toBe('b=0.2');
  });
  it('never drags to nothing or beyond everything', () => {
    expect(densityAt(-1)).toBe(0.005);
    expect(densityAt(0.1)).toBe(0.1);
    expect(densityAt(7)).toBe(1);
  });
  it('can be edited for sparse layers only', () => {
    expect(bars().findAll('[role="slider"]')).toHaveLength(2);
    expect(bars('', false).findAll('[role="slider"]')).toHaveLength(0);
    expect(bars().text()).toContain('dense');
    expect(bars('', false).text()).toContain('learned');
  });
  it('moves with the arrow keys', async () => {
    const wrapper = bars();
    const slider = wrapper.find('[aria-label="Density of fc1.weight"]');
    await slider.trigger('keydown', { key: 'ArrowRight' });
    await slider.trigger('keydown', { key: 'ArrowLeft', shiftKey: true });
    expect(wrapper.emitted('change')).toEqual([['fc1.weight=0.105'], ['fc1.weight=0.005']]);
  });
  it('takes typed percents and gives a layer back to the distribution', async () => {
    const wrapper = bars('fc1.weight=0.3');
    const entry = wrapper.find<HTMLInputElement>('[aria-label="Density of fc1.weight in percent"]');
    expect(entry.element.value).toBe('30');
    await entry.setValue('2.5');
    await wrapper.find('[aria-label="Leave fc1.weight to the distribution"]').trigger('click');
    expect(wrapper.emitted('change')).toEqual([['fc1.weight=0.025'], ['']]);
  });
});
