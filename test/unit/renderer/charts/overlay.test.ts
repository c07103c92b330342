// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { defineComponent, h, nextTick, ref, shallowRef } from 'vue';
import ChartOverlay from '../../../../renderer/charts/ChartOverlay.vue';
import type { ChartCursor } from '../../../../renderer/charts/cursor-group.ts';
import { DrawnCurve } from '../../../../renderer/charts/drawn-curve.ts';
import type { LineAxes } from '../../../../renderer/charts/line-axes.ts';
import { readings } from '../../../../renderer/charts/line-readout.ts';
import { curveOf } from './curves.ts';

const series = { runId: 'a', key: 'train/loss', label: 'train', color: 'red' };
const curve = new DrawnCurve(
  curveOf(
    [0, 10, 20, 30].map((step) => ({ step, x: step, value: step / 10 })),
    0,
  ),
  0,
);
const lines = [{ series, curve }];
const axes: LineAxes = {
  x: { min: 0, max: 30, ticks: [] },
  y: { min: 0, max: 3, ticks: [] },
  toY: (value) => value,
  peak: undefined,
};

/** An overlay with the cursor and range that its chart would hold. */
function open() {
  const cursor = shallowRef<ChartCursor>();
  const range = ref<readonly [number, number]>();
  const parent = mount(
    defineComponent(
      () => () =>
        h(ChartOverlay, {
          axes,
          // 74 pixels of margins leave 300 for 30 units of x.
          size: { width: 374, height: 128 },
          lines,
          readings: readings(lines, cursor.value?.x, 1),
          x: 'step',
          isSmoothed: false,
          format: (value: number) => value.toFixed(1),
          label: 'Loss',
          cursor: cursor.value,
          'onUpdate:cursor': (value?: ChartCursor) => (cursor.value = value),
          xRange: range.value,
          'onUpdate:xRange': (value?: readonly [number, number]) => (range.value = value),
        }),
    ),
    { attachTo: document.body },
  );
  const area = parent.get('[role=group]');
  const key = (name: string) => area.trigger('keydown', { key: name });
  return { parent, area, cursor, range, key };
}

let opened: ReturnType<typeof open>;
afterEach(() => opened.parent.unmount());

describe('keyboard', () => {
  it('reads values point by point, from the newest one', async () => {
    opened = open();
    await opened.key('ArrowLeft');
    expect(opened.cursor.value?.x).toBe(30);
    await opened.key('ArrowLeft');
    await nextTick();
    expect(opened.cursor.value?.x).toBe(20);
    expect(opened.parent.get('[aria-live]').text()).toBe('step 20: train 2.0');
    await opened.key('Home');
    expect(opened.cursor.value?.x).toBe(0);
    await opened.key('End');
    expect(opened.cursor.value?.x).toBe(30);
  });

  it('zooms around the cursor and back', async () => {
    opened = open();
    await opened.key('Home');
    await opened.key('+');
    expect(opened.range.value).toEqual([0, 15]);
    await opened.key('0');
    expect(opened.range.value).toBeUndefined();
  });

  it('leaves keys that it does not know to others, and gives the cursor up with Escape', async () => {
    opened = open();
    await opened.key('ArrowLeft');
    await opened.key('Escape');
    expect(opened.cursor.value).toBeUndefined();
    const press = new KeyboardEvent('keydown', { key: 'p', bubbles: true, cancelable: true });
    opened.area.element.dispatchEvent(press);
    expect(press.defaultPrevented).toBe(false);
  });
});

describe('pointer', () => {
  const at = (clientX: number) => ({ button: 0, clientX, clientY: 50, pointerId: 1, pointerType: 'mouse' });

  it('zooms to what was dragged over, in either direction', async () => {
    opened = open();
    opened.area.element.setPointerCapture = () => {};
    await opened.area.trigger('pointerdown', at(258));
    await opened.area.trigger('pointermove', at(158));
    await opened.area.trigger('pointerup', at(158));
    const [from, to] = opened.range.value!;
    expect(from).toBeCloseTo(10);
    expect(to).toBeCloseTo(20);
    await opened.area.trigger('dblclick');
    expect(opened.range.value).toBeUndefined();
  });

  it('takes a click for no zoom', async () => {
    opened = open();
    opened.area.element.setPointerCapture = () => {};
    await opened.area.trigger('pointerdown', at(200));
    await opened.area.trigger('pointermove', at(202));
    await opened.area.trigger('pointerup', at(202));
    expect(opened.range.value).toBeUndefined();
  });
});
