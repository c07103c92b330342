// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import type { ExportResult } from '../../../../shared/export-result.ts';
import type { RunRow } from '../../../../shared/run-view.ts';
import { useRuns } from '../../../../renderer/stores/runs.ts';
import ExportDialog from '../../../../renderer/views/export/ExportDialog.vue';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const runId = '01J00000000000000000000000';
const exporter = (id: string, extension: string) => ({
  ...{ id, title: id, summary: '', extension },
  snippet: { language: 'python', code: '' },
});
const formats = { ...catalog, exporters: [exporter('safetensors', '.safetensors'), exporter('npz', '.npz')] };
const written: ExportResult = {
  format: 'npz',
  path: '/w/exports/a.npz',
  file: 'a.npz',
  bytes: 200,
  denseBytes: 1000,
  nnz: 10,
  weights: 100,
  density: 0.1,
  files: [{ path: '/w/exports/a.npz', bytes: 200, sha256: 'abc' }],
  transforms: [],
  check: { arrays: 4, nonzero: 20 },
  snippet: { language: 'python', code: 'numpy.load("a.npz")' },
  downloadUrls: ['/download/ticket'],
};

function dialog(answer: (input: { overwrite?: boolean }) => ExportResult, step = 10) {
  const host = fakeHost({ 'exports.create': answer });
  const global = workbenchOf(host, formats);
  useRuns().rows = new Map([[runId, { id: runId, name: 'a run', step } as RunRow]]);
  const wrapper = mount(ExportDialog, {
    props: { runId, open: true },
    global: {
      ...global,
      stubs: {
        UiDialog: { template: '<div><slot /><slot name="footer" /></div>' },
        UiTooltip: { template: '<slot />' },
      },
    },
  });
  const button = (text: string) => wrapper.findAll('button').find((b) => b.text() === text);
  return { host, wrapper, button };
}

describe('ExportDialog', () => {
  it('exports the chosen format and shows what the check found', async () => {
    const { host, wrapper, button } = dialog(() => written);
    await wrapper.findAll('input[type="radio"]')[1].setValue(true);
    await button('Export')!.trigger('click');
    await flushPromises();
    expect(host.inputs('exports.create')).toEqual([{ runId, format: 'npz', overwrite: false }]);
    expect(wrapper.text()).toContain('Read back and compared');
    expect(wrapper.text()).toContain('10.00');
    expect(wrapper.find('pre').text()).toBe('numpy.load("a.npz")');
    expect(wrapper.find('a').attributes()).toMatchObject({ href: '/download/ticket', download: 'a.npz' });
  });

  it('asks before it replaces a file', async () => {
    const { host, wrapper, button } = dialog(({ overwrite }) => {
      if (!overwrite) throw new UserError('file-exists', 'a.npz exists already', 'path');
      return written;
    });
    await button('Export')!.trigger('click');
    await flushPromises();
    expect(wrapper.text()).toContain('a.npz exists already');
    expect(button('Export')).toBeUndefined();
    await button('Replace the file')!.trigger('click');
    await flushPromises();
    expect(host.inputs('exports.create').at(-1)).toMatchObject({ overwrite: true });
    expect(wrapper.text()).toContain('Read back and compared');
  });

  it('shows an error where the result would have been, and lets another format be tried', async () => {
    const { wrapper, button } = dialog(() => {
      throw new UserError('disk-full', 'no space left');
    });
    await button('Export')!.trigger('click');
    await flushPromises();
    expect(wrapper.find('[role="alert"]').text()).toContain('no space left');
    await wrapper.findAll('input[type="radio"]')[1].setValue(true);
    expect(wrapper.find('[role="alert"]').exists()).toBe(false);
  });

  it('has nothing to offer before the first step', () => {
    const { wrapper, button } = dialog(() => written, 0);
    expect(wrapper.text()).toContain('Nothing to export yet');
    expect(button('Export')!.attributes('disabled')).toBeDefined();
  });
});
