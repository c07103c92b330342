// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import UiError from '../../../../renderer/ui/UiError.vue';
import UiNumber from '../../../../renderer/ui/UiNumber.vue';
import UiSelect from '../../../../renderer/ui/UiSelect.vue';

function numberField(modelValue: number | undefined, props: Record<string, unknown> = {}) {
  const wrapper = mount(UiNumber, { props: { label: 'Rate', modelValue, ...props } });
  return {
    wrapper,
    input: wrapper.get('input'),
    told: () => wrapper.emitted('update:modelValue')?.flat() ?? [],
  };
}

describe('UiNumber', () => {
  it('tells numbers while they are typed, and keeps their spelling', async () => {
    const { wrapper, input, told } = numberField(1);
    await input.setValue('1e-3');
    expect(told()).toEqual([0.001]);
    await wrapper.setProps({ modelValue: 0.001 });
    expect(input.element.value).toBe('1e-3');
  });

  it('marks text that is no number, tells nothing, and forgets it on leaving', async () => {
    const { input, told } = numberField(5);
    await input.setValue('5x');
    expect(told()).toEqual([]);
    expect(input.attributes('aria-invalid')).toBe('true');
    await input.trigger('blur');
    expect(input.element.value).toBe('5');
    expect(input.attributes('aria-invalid')).toBeUndefined();
  });

  it('tells undefined when it is emptied', async () => {
    const { input, told } = numberField(5);
    await input.setValue('');
    expect(told()).toEqual([undefined]);
  });

  it('marks a number outside its range, but tells it, so that the form can say why', async () => {
    const { input, told } = numberField(0.5, { min: 0, max: 1 });
    await input.setValue('1.4');
    expect(told()).toEqual([1.4]);
    expect(input.attributes('aria-invalid')).toBe('true');
  });

  it('follows the arrow keys, ten steps with Shift, and a value from outside', async () => {
    const { wrapper, input, told } = numberField(5, { step: 1 });
    await input.trigger('keydown', { key: 'ArrowUp' });
    expect(told()).toEqual([6]);
    await wrapper.setProps({ modelValue: 6 });
    await input.trigger('keydown', { key: 'ArrowDown', shiftKey: true });
    expect(told()).toEqual([6, -4]);
    await wrapper.setProps({ modelValue: 42 });
    expect(input.element.value).toBe('42');
  });
});

describe('UiError', () => {
  it('shows the message and the field of a user error, and no stack', () => {
    const error = new UserError('invalid', 'density is 2: it must be at most 1.', 'method.density');
    const text = mount(UiError, { props: { error } }).text();
    expect(text).toBe('density is 2: it must be at most 1. Field: method.density');
  });

  it.each([
    [new Error('gone'), 'gone'],
    ['only text', 'only text'],
    [undefined, 'Something went wrong.'],
  ])('says something for %s', (error, text) => {
    expect(mount(UiError, { props: { error } }).text()).toBe(text);
  });

  it('offers to try again only where that is possible', async () => {
    let tries = 0;
    const wrapper = mount(UiError, { props: { error: new Error('gone'), retry: () => tries++ } });
    await wrapper.get('button').trigger('click');
    expect(tries).toBe(1);
    expect(
      mount(UiError, { props: { error: new Error('gone') } })
        .find('button')
        .exists(),
    ).toBe(false);
  });
});

describe('UiSelect', () => {
  const options = [
    { value: '', label: 'None' },
    { value: 'a', label: 'Letter A' },
  ];
  it('knows an empty string as a value', () => {
    const wrapper = mount(UiSelect, { props: { modelValue: '', options, label: 'Group' } });
    expect(wrapper.get('[role="combobox"]').text()).toBe('None');
  });

  it('shows its placeholder for a value it does not know', () => {
    const wrapper = mount(UiSelect, {
      props: { modelValue: 'zzz', options, label: 'Group', placeholder: 'Choose' },
    });
    expect(wrapper.text()).toBe('Choose');
  });
});
