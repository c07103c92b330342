// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../../../../shared/dataset-info.ts';
import { readConfig, type Draft, type Group } from '../../../../renderer/views/new-run/draft.ts';
import DatasetPicker from '../../../../renderer/views/new-run/DatasetPicker.vue';
import GroupFields from '../../../../renderer/views/new-run/GroupFields.vue';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';
import { catalog } from './catalog.ts';

const host = fakeHost({});

function fields(group: Group, raw: Record<string, unknown>) {
  const wrapper = mount(GroupFields, {
    props: {
      catalog,
      group,
      problems: {},
      search: '',
      draft: readConfig(catalog, raw).draft,
      all: false,
      'onUpdate:draft': (draft: Draft) => wrapper.setProps({ draft }),
    },
    global: {
      ...workbenchOf(host, catalog),
      stubs: { FieldHelp: true, DatasetPicker: true, UiTooltip: { template: '<slot />' } },
    },
  });
  return { wrapper, draft: () => wrapper.props('draft') };
}

describe('GroupFields', () => {
  it('takes an imported data set with all of its settings, and leaves none of the one before', async () => {
    const { wrapper, draft } = fields('dataset', { dataset: 'fashion-mnist-mini' });
    const imported = { dataset: { id: 'csv', values: { folder: '/data/t.csv' } } } as unknown as DatasetInfo;
    await wrapper.getComponent(DatasetPicker).vm.$emit('choose', imported);
    expect(draft()!.ids.dataset).toBe('csv');
    expect(draft()!.values.dataset).toEqual({ folder: '/data/t.csv' });
    const registry = { dataset: { id: 'csv', values: {} } } as unknown as DatasetInfo;
    await wrapper.getComponent(DatasetPicker).vm.$emit('choose', registry);
    expect(draft()!.values.dataset).toEqual({ folder: '' });
  });

  it('says which values another method keeps, and gives them up on request', async () => {
    const { wrapper, draft } = fields('method', { method: { id: 'rigl', density: 0.05, learningRate: 0.3 } });
    await wrapper.find('input[value="set"]').setValue(true);
    expect(wrapper.find('[role="status"]').text()).toContain('Density, Learning rate');
    expect(draft()!.values.method).toEqual({ density: 0.05, learningRate: 0.3 });
    await wrapper.find('[role="status"] button').trigger('click');
    expect(draft()!.values.method).toEqual({ density: 0.2, learningRate: 0.1 });
    expect(wrapper.find('[role="status"]').exists()).toBe(false);
  });
});
