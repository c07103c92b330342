// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { defineFields, type Fields } from '../../../../shared/fields.ts';
import SchemaForm from '../../../../renderer/form/SchemaForm.vue';

const fields = defineFields({
  rate: {
    type: 'number',
    label: 'Rate',
    help: 'Speed.',
    default: 0.1,
    min: 0,
    max: 1,
    scale: 'log',
    unit: 'per step',
  },
  steps: { type: 'integer', label: 'Steps', help: '', default: 3, min: 1, max: 9 },
  kind: {
    type: 'choice',
    label: 'Kind',
    help: '',
    default: 'a',
    options: [
      { value: 'a', label: 'first' },
      { value: 'b', label: 'second' },
    ],
  },
  on: { type: 'boolean', label: 'On', help: '', default: false, visibleWhen: { field: 'kind', is: ['b'] } },
  widths: { type: 'integers', label: 'Widths', help: '', default: [200, 80] },
  folder: { type: 'text', label: 'Folder', help: '', default: '' },
  layers: { type: 'densities', label: 'Layers', help: '', default: '' },
});
const defaults = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default]));

function form(values: object = {}, more: object = {}) {
  return mount(SchemaForm, {
    props: {
      group: 'method',
      fields: fields as Fields,
      values: { ...defaults, ...values },
      problems: {},
      search: '',
      all: false,
      ...more,
    },
    global: { stubs: { FieldHelp: true, UiTooltip: { template: '<slot />' } } },
  });
}
const row = (wrapper: ReturnType<typeof form>, key: string) => wrapper.find(`[data-field="method.${key}"]`);

describe('SchemaForm', () => {
  it('draws a control for every type of field, in order, with its unit', () => {
    const wrapper = form({ kind: 'b' });
    expect(wrapper.findAll('[data-field]').map((field) => field.attributes('data-field'))).toEqual(
      Object.keys(fields).map((key) => `method.${key}`),
    );
    expect(row(wrapper, 'rate').text()).toContain('per step');
    expect(row(wrapper, 'rate').find('[role="slider"]').exists()).toBe(true);
    expect(row(wrapper, 'kind').findAll('[role="radio"]')).toHaveLength(2);
    expect(row(wrapper, 'on').find('[role="switch"]').exists()).toBe(true);
    expect((row(wrapper, 'widths').find('input').element as HTMLInputElement).value).toBe('200, 80');
  });

  it('hides what the values put out of use', async () => {
    const wrapper = form();
    expect(row(wrapper, 'on').exists()).toBe(false);
    await wrapper.setProps({ values: { ...defaults, kind: 'b' } });
    expect(row(wrapper, 'on').exists()).toBe(true);
  });

  it('tells numbers as numbers, lists as lists, and an empty number as no value', async () => {
    const wrapper = form();
    await row(wrapper, 'rate').find('input').setValue('0.25');
    await row(wrapper, 'rate').find('input').setValue('');
    await row(wrapper, 'widths').find('input').setValue('300 100');
    await row(wrapper, 'layers').find('input').setValue('fc1.weight=0.1');
    expect(wrapper.emitted('change')).toEqual([
      ['rate', 0.25],
      ['rate', undefined],
      ['widths', [300, 100]],
      ['layers', 'fc1.weight=0.1'],
    ]);
  });

  it('keeps a list as it is typed and never passes on text that is no list as one', async () => {
    const wrapper = form();
    const input = row(wrapper, 'widths').find('input');
    await input.setValue('300,');
    await wrapper.setProps({ values: { ...defaults, widths: [300] } });
    expect((input.element as HTMLInputElement).value).toBe('300,');
    await input.setValue('300,x');
    expect(wrapper.emitted('change')!.at(-1)).toEqual(['widths', [NaN]]);
  });

  it('shows what is wrong beside the field', () => {
    const wrapper = form({ rate: 2 }, { problems: { 'method.rate': 'Enter a number.' } });
    expect(row(wrapper, 'rate').find('[role="alert"]').text()).toBe('Enter a number.');
    const described = row(wrapper, 'rate').find('input').attributes('aria-describedby');
    expect(row(wrapper, 'rate').find('[role="alert"]').attributes('id')).toBe(described);
    expect(row(wrapper, 'steps').find('[role="alert"]').exists()).toBe(false);
  });

  it('offers the way back to the default only where there is one', async () => {
    const wrapper = form({ steps: 5 });
    expect(row(wrapper, 'rate').find('[aria-label^="Back to the default"]').exists()).toBe(false);
    await row(wrapper, 'steps').find('[aria-label="Back to the default, 3"]').trigger('click');
    expect(wrapper.emitted('change')).toEqual([['steps', 3]]);
  });

  it('keeps long groups short but never hides what was changed or is wrong', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`f${i}`, { ...fields.steps, label: `Field ${i}` }]),
    );
    const values = Object.fromEntries(Object.keys(many).map((key) => [key, 3]));
    const wrapper = form(
      {},
      { fields: many, values: { ...values, f9: 4 }, problems: { 'method.f11': 'bad' } },
    );
    const keys = () => wrapper.findAll('[data-field]').map((f) => f.attributes('data-field')!.slice(7));
    expect(keys()).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f9', 'f11']);
    await wrapper.find('.more').trigger('click');
    expect(wrapper.emitted('update:all')).toEqual([[true]]);
    await wrapper.setProps({ search: 'field 7' });
    expect(keys()).toEqual(['f7']);
  });
});
