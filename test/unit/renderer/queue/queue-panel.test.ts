// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { moved } from '../../../../renderer/queue/move.ts';
import QueuePanel from '../../../../renderer/queue/QueuePanel.vue';
import { useQueue } from '../../../../renderer/stores/queue.ts';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

describe('moved', () => {
  it('moves an item and keeps the others in order', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 5, 0)).toEqual(['a', 'b']);
  });
});

describe('QueuePanel', () => {
  function panel(refuse = false) {
    const host = fakeHost({
      'queue.reorder': () => {
        if (refuse) throw new Error('the run has started meanwhile');
      },
      'queue.get': () => ({ slots: 1, active: ['x'], waiting: ['a', 'b', 'c'] }),
      'queue.remove': () => undefined,
    });
    const global = workbenchOf(host, catalog);
    useQueue().queue = { slots: 1, active: ['x'], waiting: ['a', 'b', 'c'] };
    const stubs = {
      RouterLink: { template: '<a><slot /></a>' },
      UiSelect: true,
      UiTooltip: { template: '<slot />' },
    };
    return { host, wrapper: mount(QueuePanel, { global: { ...global, stubs }, attachTo: document.body }) };
  }
  const order = (wrapper: ReturnType<typeof panel>['wrapper']) =>
    wrapper.findAll('.handle').map((handle) => handle.attributes('aria-label')!.split(',')[0]);

  it('moves a waiting run with Alt and an arrow key, and the focus with it', async () => {
    const { host, wrapper } = panel();
    await wrapper.findAll('.handle')[0].trigger('keydown', { key: 'ArrowDown', altKey: true });
    await flushPromises();
    expect(host.inputs('queue.reorder')).toEqual([{ ids: ['b', 'a', 'c'] }]);
    expect(order(wrapper)).toEqual(['b', 'a', 'c']);
    expect(document.activeElement?.getAttribute('aria-label')).toContain('a, place 2 of 3');
    await wrapper.findAll('.handle')[0].trigger('keydown', { key: 'ArrowUp', altKey: true });
    expect(host.inputs('queue.reorder')).toHaveLength(1);
  });

  it('shows the order of the host again if it refuses the new one', async () => {
    const { wrapper } = panel(true);
    await wrapper.findAll('.handle')[2].trigger('keydown', { key: 'ArrowUp', altKey: true });
    await flushPromises();
    expect(order(wrapper)).toEqual(['a', 'b', 'c']);
  });

  it('takes a waiting run out', async () => {
    const { host, wrapper } = panel();
    await wrapper.findAll('[aria-label="Take out of the queue"]')[1].trigger('click');
    expect(host.inputs('queue.remove')).toEqual([{ id: 'b' }]);
  });
});
