// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { computed, effectScope, nextTick, shallowRef } from 'vue';
import { columnsOf } from '../../../../renderer/runs/columns.ts';
import { parseFilter } from '../../../../renderer/runs/filter.ts';
import { vocabularyOf } from '../../../../renderer/runs/vocabulary.ts';
import FilterBar from '../../../../renderer/views/runs/FilterBar.vue';
import { useColumns } from '../../../../renderer/views/runs/use-columns.ts';
import { useSelection } from '../../../../renderer/views/runs/use-selection.ts';
import { useSettledOrder } from '../../../../renderer/views/runs/use-settled-order.ts';
import { columnOf } from '../../../../renderer/runs/columns.ts';
import { defaultViewState, type RunsViewState } from '../../../../renderer/runs/view-state.ts';
import { runRow } from './rows.ts';

describe('selection', () => {
  const ids = shallowRef<readonly string[]>(['a', 'b', 'c', 'd', 'e']);
  const order = computed(() => ids.value);
  const make = () => effectScope().run(() => useSelection(order, order))!;
  beforeEach(() => (ids.value = ['a', 'b', 'c', 'd', 'e']));

  it('extends from the row that was chosen last, and shrinks again', () => {
    const selection = make();
    selection.toggle('b');
    selection.extendTo('d');
    expect([...selection.selected.value]).toEqual(['b', 'c', 'd']);
    selection.extendTo('c');
    expect([...selection.selected.value].sort()).toEqual(['b', 'c']);
    selection.extendTo('a');
    expect([...selection.selected.value].sort()).toEqual(['a', 'b']);
    expect(selection.active.value).toBe('a');
  });

  it('keeps what was chosen before the range', () => {
    const selection = make();
    selection.toggle('e');
    selection.toggle('a');
    selection.extendTo('b');
    expect([...selection.selected.value].sort()).toEqual(['a', 'b', 'e']);
  });

  it('selects all of a group, or none if all are selected', () => {
    const selection = make();
    selection.toggle('a');
    selection.toggleAll(['a', 'b']);
    expect(selection.selected.value.size).toBe(2);
    selection.toggleAll(['a', 'b']);
    expect(selection.selected.value.size).toBe(0);
  });

  it('forgets runs that are filtered away or deleted', async () => {
    const selection = make();
    selection.set(['a', 'b']);
    selection.activate('b');
    ids.value = ['a', 'c'];
    await nextTick();
    expect([...selection.selected.value]).toEqual(['a']);
    expect(selection.active.value).toBeUndefined();
  });
});

describe('order of live rows', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => vi.useRealTimers());

  it('waits until nobody points at the table, except when the user asks for another order', async () => {
    const wanted = shallowRef<readonly string[]>(['a', 'b', 'c']);
    const reason = shallowRef('by loss');
    const scope = effectScope();
    const { order, touch } = scope.run(() =>
      useSettledOrder(
        computed(() => wanted.value),
        computed(() => reason.value),
      ),
    )!;
    vi.advanceTimersByTime(5000);
    touch();
    wanted.value = ['c', 'n', 'b', 'a'];
    await nextTick();
    expect(order.value).toEqual(['a', 'b', 'c', 'n']);
    vi.advanceTimersByTime(1600);
    expect(order.value).toEqual(['c', 'n', 'b', 'a']);
    touch();
    wanted.value = ['a', 'b'];
    reason.value = 'by name';
    await nextTick();
    expect(order.value).toEqual(['a', 'b']);
    scope.stop();
  });
});

describe('columns', () => {
  const make = () => {
    const state = shallowRef<RunsViewState>({
      ...defaultViewState,
      columns: [
        { id: 'seed', pinned: false },
        { id: 'name', width: 200, pinned: true },
        { id: 'method', pinned: false },
      ],
    });
    const change = (patch: Partial<RunsViewState>) => (state.value = { ...state.value, ...patch });
    const columns = useColumns(state, change, (id) => columnOf(id));
    return { columns, ids: () => columns.laidOut.value.map(({ column }) => column.id) };
  };

  it('put pinned ones first, one after the other', () => {
    const { columns, ids } = make();
    expect(ids()).toEqual(['name', 'seed', 'method']);
    columns.setPinned('method', true);
    expect(ids()).toEqual(['name', 'method', 'seed']);
    expect(columns.laidOut.value.map(({ pinnedAt }) => pinnedAt)).toEqual([32, 232, undefined]);
  });

  it('move, resize within bounds, hide and come back', () => {
    const { columns, ids } = make();
    columns.moveBy('method', -1);
    expect(ids()).toEqual(['name', 'method', 'seed']);
    columns.moveBy('method', 1);
    expect(ids()).toEqual(['name', 'seed', 'method']);
    columns.moveBy('method', 1);
    expect(ids()).toEqual(['name', 'seed', 'method']);
    columns.resize('seed', 3);
    expect(columns.laidOut.value[1].width).toBe(40);
    columns.hide('seed');
    columns.show('density');
    expect(ids()).toEqual(['name', 'method', 'density']);
  });
});

describe('filter bar', () => {
  const rows = [runRow({ method: 'rigl' }), runRow({ method: 'rigl-itop' })];
  const vocabulary = vocabularyOf(columnsOf(rows));
  const open = (text = '') =>
    mount(FilterBar, {
      props: {
        filter: parseFilter(text, vocabulary),
        vocabulary,
        rows,
        modelValue: text,
        'onUpdate:modelValue': (value: string) => {
          text = value;
        },
      },
      attachTo: document.body,
    });

  it('completes with the keyboard', async () => {
    const bar = open();
    const input = bar.get('input');
    await input.trigger('focus');
    await input.setValue('meth');
    await bar.setProps({ modelValue: 'meth' });
    (input.element as HTMLInputElement).setSelectionRange(4, 4);
    await input.trigger('input');
    expect(bar.findAll('[role=option]')[0].text()).toContain('method');
    await input.trigger('keydown', { key: 'ArrowDown' });
    await input.trigger('keydown', { key: 'Enter' });
    expect(bar.emitted('update:modelValue')!.at(-1)).toEqual(['method:']);
    bar.unmount();
  });

  it('says what it does not understand', () => {
    const bar = open('acuracy>1 rigl');
    expect(bar.get('[role=status]').text()).toContain('nothing is called “acuracy”');
    expect(bar.get('input').attributes('aria-invalid')).toBe('true');
    bar.unmount();
  });
});
