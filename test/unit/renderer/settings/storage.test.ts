// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import type { StorageUsage } from '../../../../shared/storage-usage.ts';
import { storageShares } from '../../../../renderer/views/settings/storage-shares.ts';
import StorageSettings from '../../../../renderer/views/settings/StorageSettings.vue';
import { toasts } from '../../../../renderer/ui/toast.ts';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const usage: StorageUsage = {
  workspace: '/w',
  freeBytes: 1e9,
  databaseBytes: 600,
  total: 1200,
  parts: [
    { kind: 'trash', label: 'Trash', explanation: '', bytes: 400, items: 2 },
    { kind: 'exports', label: 'Exports', explanation: '', bytes: 0, items: 0 },
  ],
};

describe('storageShares', () => {
  it('divides the bar, the database first', () => {
    expect(storageShares(usage).map(({ share }) => share)).toEqual([600 / 1200, 200 / 1200, 400 / 1200, 0]);
    expect(new Set(storageShares(usage).map(({ color }) => color)).size).toBe(4);
  });
  it('is empty for an empty workspace, not NaN', () => {
    const shares = storageShares({ ...usage, databaseBytes: 0, total: 0, parts: [] });
    expect(shares.map(({ share }) => share)).toEqual([0, 0]);
  });
});

describe('clean-up', () => {
  it('shows every item before it deletes any, then says what was freed', async () => {
    const host = fakeHost({
      'storage.usage': () => usage,
      'storage.cleanUp': ({ dryRun }) => ({ bytes: dryRun ? 400 : 380, items: ['run a', 'run b'] }),
    });
    const wrapper = mount(StorageSettings, {
      global: {
        ...workbenchOf(host, catalog),
        stubs: {
          UiDialog: {
            props: ['open', 'description'],
            template: '<div v-if="open" class="dialog">{{ description }}<slot /><slot name="footer" /></div>',
          },
        },
      },
    });
    await flushPromises();
    const button = (text: string) => wrapper.findAll('button').find((b) => b.text().startsWith(text))!;
    expect(button('Clean up').attributes('disabled')).toBeDefined();
    const boxes = wrapper.findAll('[role="checkbox"]');
    expect(boxes[1].attributes('disabled')).toBeDefined();
    await boxes[0].trigger('click');
    await button('Clean up').trigger('click');
    await flushPromises();
    expect(host.inputs('storage.cleanUp')).toEqual([{ kinds: ['trash'], dryRun: true }]);
    expect(wrapper.find('.dialog').text()).toContain('2 items');
    expect(wrapper.find('.dialog').text()).toContain('run b');
    await button('Delete').trigger('click');
    await flushPromises();
    expect(host.inputs('storage.cleanUp')[1]).toEqual({ kinds: ['trash'], dryRun: false });
    expect(toasts.value.at(-1)?.text).toMatch(/^380\sB freed$/);
    expect(host.inputs('storage.usage')).toHaveLength(2);
    expect(wrapper.find('.dialog').exists()).toBe(false);
  });
});
