// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostKey, type HostClient } from '../../../../renderer/host/client.ts';
import NotesPanel from '../../../../renderer/views/run/panels/NotesPanel.vue';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(call = vi.fn(() => Promise.resolve())) {
  const host = { call } as unknown as HostClient;
  const panel = mount(NotesPanel, {
    props: { runId: 'a', notes: 'before' },
    global: { provide: { [hostKey as symbol]: host } },
  });
  const type = async (text: string) => panel.get('textarea').setValue(text);
  return { panel, call, type, state: () => panel.get('[role=status]').text() };
}

describe('NotesPanel', () => {
  it('saves once, after the typing', async () => {
    const { call, type, state } = open();
    await type('a');
    await type('ab');
    expect(state()).toBe('Not saved yet');
    await vi.advanceTimersByTimeAsync(1000);
    expect(call).toHaveBeenCalledOnce();
    expect(call).toHaveBeenCalledWith('runs.setNotes', { id: 'a', notes: 'ab' });
    expect(state()).toBe('Saved');
  });

  it('says that it could not save, and keeps the text', async () => {
    const { panel, type, state } = open(vi.fn(() => Promise.reject(new Error('disk full'))));
    await type('precious');
    await vi.advanceTimersByTimeAsync(1000);
    expect(state()).toContain('disk full');
    expect(panel.get('textarea').element.value).toBe('precious');
  });

  it('saves what is left when it goes away', async () => {
    const { panel, call, type } = open();
    await type('last words');
    panel.unmount();
    expect(call).toHaveBeenCalledWith('runs.setNotes', { id: 'a', notes: 'last words' });
  });

  it('takes notes of another window, but not over what is being typed', async () => {
    const { panel, type } = open();
    await panel.setProps({ notes: 'from elsewhere' });
    expect(panel.get('textarea').element.value).toBe('from elsewhere');
    await type('mine');
    await panel.setProps({ notes: 'from elsewhere again' });
    expect(panel.get('textarea').element.value).toBe('mine');
  });
});
