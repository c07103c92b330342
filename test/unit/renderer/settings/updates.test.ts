// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import type { UpdateState } from '../../../../shared/updates.ts';
import UpdateSetting from '../../../../renderer/views/settings/UpdateSetting.vue';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

async function setting(state: UpdateState, modelValue = false) {
  const host = fakeHost({
    'updates.get': () => state,
    'updates.check': () => ({ state: 'current' }),
    'updates.download': () => ({ state: 'ready', version: '0.2.0' }),
  });
  const wrapper = mount(UpdateSetting, { props: { modelValue }, global: workbenchOf(host, catalog) });
  await flushPromises();
  const labels = () => wrapper.findAll('button:not([role=switch])').map((button) => button.text());
  const press = (label: string) =>
    wrapper
      .findAll('button')
      .find((button) => button.text() === label)!
      .trigger('click');
  return { host, wrapper, labels, press, toggle: wrapper.get('[role=switch]') };
}

describe('updates in the settings', () => {
  it('are off and say that nothing is downloaded unasked; switching them on is kept', async () => {
    const { wrapper, toggle, labels } = await setting({ state: 'unknown' });
    expect(toggle.attributes('aria-checked')).toBe('false');
    expect(wrapper.text()).toContain('Nothing is downloaded before you say so.');
    expect(labels()).toEqual(['Check now']);
    await toggle.trigger('click');
    expect(wrapper.emitted('update:modelValue')).toEqual([[true]]);
  });

  it('that cannot be installed here are explained, and the switch stays off', async () => {
    const reason = 'This is a development build.';
    const { wrapper, toggle, labels } = await setting({ state: 'unsupported', reason }, true);
    expect(wrapper.text()).toContain(reason);
    expect([toggle.attributes('aria-checked'), toggle.attributes('disabled')]).toEqual(['false', '']);
    expect(labels()).toEqual([]);
  });

  it('are looked for and downloaded by a button each, and followed', async () => {
    const { host, wrapper, labels, press } = await setting({ state: 'unknown' });
    await press('Check now');
    expect(host.inputs('updates.check').length).toBe(1);
    host.say('updates.changed', { state: 'available', version: '0.2.0' });
    await flushPromises();
    expect(wrapper.text()).toContain('Version 0.2.0 is available.');
    expect(labels()).toEqual(['Download']);
    await press('Download');
    expect(host.inputs('updates.download').length).toBe(1);
    host.say('updates.changed', { state: 'downloading', version: '0.2.0', fraction: 0.349 });
    await flushPromises();
    expect(wrapper.text()).toContain('34 %');
    expect(labels()).toEqual([]);
    host.say('updates.changed', { state: 'ready', version: '0.2.0' });
    await flushPromises();
    expect(wrapper.text()).toContain('installed when Filigree quits');
    host.say('updates.changed', { state: 'failed', reason: 'net::ERR_FAILED' });
    await flushPromises();
    expect([wrapper.text().includes('net::ERR_FAILED'), labels()]).toEqual([true, ['Check now']]);
  });
});
