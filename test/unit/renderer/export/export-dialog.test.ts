// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import type { ExportPreview, ExportResult } from '../../../../shared/export-result.ts';
import type { ModelCard } from '../../../../shared/model-card.ts';
import type { RunRow } from '../../../../shared/run-view.ts';
import { useRuns } from '../../../../renderer/stores/runs.ts';
import ExportDialog from '../../../../renderer/views/export/ExportDialog.vue';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const runId = '01J00000000000000000000000';
const exporter = (id: string, group: 'framework' | 'sparse', extension: string) => ({
  ...{ id, title: `Title of ${id}`, group, summary: '', extension },
  snippet: { language: 'python', code: '' },
});
const formats = {
  ...catalog,
  exporters: [exporter('safetensors', 'framework', '.safetensors'), exporter('npz', 'sparse', '.npz')],
  transforms: [{ id: 'shrink', title: 'Remove dead units', summary: 'Smaller.' }],
};

const layer = { name: 'fc1.weight', shape: [2, 50], nonzeros: 10, weights: 100, density: 0.1 };
const card = {
  name: 'a run',
  model: { title: 'MLP' },
  dataset: { title: 'Digits', sha256: 'd1' },
  method: { title: 'RigL', paper: { title: 'Rigging the Lottery', reference: 'arXiv 1911.11134' } },
  metrics: { accuracy: 0.9 },
  layers: [layer],
  flops: {
    training: { total: 1000, percentOfDense: { paper: 20, exact: 21 } },
    inference: { sparse: 20, dense: 200 },
  },
  config: { training: { seed: 7 } },
  run: { wallMs: 61_000 },
  environment: { engine: 'native' },
} as unknown as ModelCard;

function written(format: string): ExportResult {
  const name = `a-${format}.bin`;
  const path = `/w/exports/${name}`;
  return {
    ...{ format, path, file: name, bytes: 200, denseBytes: 1000, nnz: 10, weights: 100, density: 0.1 },
    files: [{ path, bytes: 200, sha256: 'abcdef0123456789' }],
    transforms: [],
    check: {
      arrays: 4,
      nonzero: 12,
      forward: {
        by: 'ONNX Runtime 1.30.0',
        samples: 32,
        source: 'test samples of Digits',
        maxDifference: 2.5e-7,
        tolerance: 1e-5,
      },
    },
    snippet: { language: 'python', code: `load("${name}")` },
    card: { content: card, markdown: '# a run', paths: [`${path}.card.md`, `${path}.card.json`] },
    downloads: ['', '.card.md', '.card.json'].map((end, i) => ({ name: name + end, url: `/download/${i}` })),
  };
}

type Asked = { format: string; overwrite?: boolean };

function dialog(
  answer: (input: Asked) => ExportResult | Promise<ExportResult>,
  step = 10,
  preview?: ExportPreview,
) {
  const host = fakeHost({ 'exports.create': answer, 'exports.preview': () => preview! });
  const global = workbenchOf(host, formats);
  useRuns().rows = new Map([[runId, { id: runId, name: 'a run', step } as RunRow]]);
  const wrapper = mount(ExportDialog, {
    attachTo: document.body,
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
  const choose = (index: number, on = true) =>
    wrapper.findAll<HTMLInputElement>('input[type="checkbox"]')[index].setValue(on);
  const submit = async () => {
    await wrapper.find('form').trigger('submit');
    await flushPromises();
  };
  return { host, wrapper, button, choose, submit };
}

describe('ExportDialog', () => {
  it('exports the chosen format and shows the check, the files, the code and the card', async () => {
    const { host, wrapper, choose, submit } = dialog(({ format }) => written(format));
    await choose(0, false);
    await choose(1);
    await submit();
    expect(host.inputs('exports.create')).toEqual([
      { runId, format: 'npz', transforms: [], overwrite: false },
    ]);
    const check = wrapper.find('[data-testid="self-check"]').text();
    expect(check).toContain('all 4 arrays');
    expect(check).toContain('ONNX Runtime 1.30.0 on 32 test samples of Digits');
    expect(check).toContain('2.5e−7');
    expect(wrapper.find('pre').text()).toBe('load("a-npz.bin")');
    expect(wrapper.findAll('a').map((a) => a.attributes('download'))).toEqual(
      ['', '.card.md', '.card.json'].map((end) => `a-npz.bin${end}`),
    );
    const tab = wrapper.findAll('[role="tab"]').find((one) => one.text() === 'Model card')!;
    await tab.trigger('mousedown');
    await flushPromises();
    expect(wrapper.find('[aria-label="Model card"]').text()).toContain('arXiv 1911.11134');
  });

  it('writes several formats one after the other, and one that fails does not keep the others back', async () => {
    let inside = 0;
    const { host, wrapper, button, choose, submit } = dialog(async ({ format }) => {
      expect(++inside).toBe(1);
      await Promise.resolve();
      inside--;
      if (format === 'safetensors') throw new UserError('disk-full', 'no space left');
      return written(format);
    });
    await choose(1);
    expect(button('Export 2 formats')).toBeDefined();
    await submit();
    expect(host.inputs('exports.create').map(({ format }) => format)).toEqual(['safetensors', 'npz']);
    expect(wrapper.find('pre').text()).toBe('load("a-npz.bin")');
    const [failed] = wrapper.findAll('[aria-label="Formats"] button');
    expect(failed.text()).toContain('failed');
    await failed.trigger('click');
    expect(wrapper.find('[role="alert"]').text()).toContain('no space left');
    await button('Other formats')!.trigger('click');
    expect(wrapper.find('form').exists()).toBe(true);
  });

  it('asks before it replaces a file', async () => {
    const { host, wrapper, button, submit } = dialog(({ format, overwrite }) => {
      if (!overwrite) throw new UserError('file-exists', 'a.npz exists already', 'path');
      return written(format);
    });
    await submit();
    expect(wrapper.text()).toContain('a.npz exists already');
    await button('Replace the file')!.trigger('click');
    await flushPromises();
    expect(host.inputs('exports.create').at(-1)).toMatchObject({ overwrite: true });
    expect(wrapper.text()).toContain('Read back and compared');
  });

  it('shows what a transform leaves before it is used', async () => {
    const preview = {
      before: { parameters: 1_620_000, inferenceFlops: 3_200_000 },
      after: { parameters: 810_000, inferenceFlops: 1_600_000 },
      removed: [{ name: 'fc1', before: 200, after: 120 }],
    };
    const { host, wrapper, submit } = dialog(({ format }) => written(format), 10, preview);
    await wrapper.find('[role="switch"]').trigger('click');
    await flushPromises();
    expect(host.inputs('exports.preview')).toEqual([{ runId, transforms: ['shrink'] }]);
    expect(wrapper.find('[data-testid="export-preview"]').text()).toMatch(/Parameters1\.62\sM → 810\sk/);
    expect(wrapper.text()).toContain('fc1 200 → 120');
    await submit();
    expect(host.inputs('exports.create')[0]).toMatchObject({ transforms: ['shrink'] });
  });

  it('needs a format, and a run that has trained', async () => {
    const first = dialog(({ format }) => written(format));
    await first.choose(0, false);
    expect(first.button('Export')!.attributes('disabled')).toBeDefined();
    const { wrapper, button } = dialog(({ format }) => written(format), 0);
    expect(wrapper.text()).toContain('Nothing to export yet');
    expect(button('Export')!.attributes('disabled')).toBeDefined();
  });
});
