// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { h, nextTick } from 'vue';
import { placeTooltip } from '../../../../renderer/ui/tooltip.ts';
import TooltipLayer from '../../../../renderer/ui/TooltipLayer.vue';
import UiTooltip from '../../../../renderer/ui/UiTooltip.vue';

describe('placeTooltip', () => {
  const size = { width: 100, height: 24 };
  const viewport = { width: 800, height: 600 };

  it('stands below the middle of its element', () => {
    expect(placeTooltip({ left: 300, top: 100, width: 40, height: 28 }, size, viewport)).toEqual({
      left: 270,
      top: 134,
    });
  });

  it('goes above where there is no room below', () => {
    expect(placeTooltip({ left: 300, top: 570, width: 40, height: 28 }, size, viewport).top).toBe(540);
  });

  it('stays inside the window', () => {
    expect(placeTooltip({ left: 0, top: 100, width: 20, height: 20 }, size, viewport).left).toBe(6);
    expect(placeTooltip({ left: 780, top: 100, width: 20, height: 20 }, size, viewport).left).toBe(694);
  });

  it('goes to the side that was asked for', () => {
    const target = { left: 10, top: 100, width: 28, height: 28 };
    expect(placeTooltip(target, size, viewport, 'right')).toEqual({ left: 44, top: 102 });
  });
});

describe('TooltipLayer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  async function pointAt(element: Element): Promise<void> {
    element.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
    await vi.advanceTimersByTimeAsync(500);
    await nextTick();
  }
  const shown = () => document.querySelector('[role="tooltip"]')?.textContent;

  it('shows what the element under the pointer says, after a moment, and goes with the next key', async () => {
    mount(TooltipLayer, { attachTo: document.body });
    const tooltip = { text: 'Whole words', keys: 'Mod+K' };
    const button = mount(() => h(UiTooltip, tooltip, () => h('button', 'Search')), {
      attachTo: document.body,
    }).get('button');
    button.element.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toBeUndefined();
    await pointAt(button.element);
    expect(shown()).toContain('Whole words');
    expect(button.attributes('aria-describedby')).toBe(document.querySelector('[role="tooltip"]')!.id);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    await nextTick();
    expect(shown()).toBeUndefined();
    expect(button.attributes('aria-describedby')).toBeUndefined();
  });
});
