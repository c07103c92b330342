// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it, vi } from 'vitest';
import { ref, shallowRef } from 'vue';
import type { DatasetInfo, DatasetPreview } from '../../../../shared/dataset-info.ts';
import { useDatasets } from '../../../../renderer/stores/datasets.ts';
import { samplePixels } from '../../../../renderer/views/datasets/pixels.ts';
import { isPlane, shapeText } from '../../../../renderer/views/datasets/shape.ts';
import { useDatasetPage } from '../../../../renderer/views/datasets/use-dataset-page.ts';
import FileBrowser from '../../../../renderer/views/datasets/FileBrowser.vue';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const info = (name: string, state: DatasetInfo['state'] = 'ready'): DatasetInfo => ({
  name,
  title: name,
  summary: '',
  licence: '',
  dataset: { id: name, values: {} },
  imported: false,
  state,
  origin: '',
  bytes: 0,
  shape: [1, 2, 2],
  classes: 2,
  trainCount: 10,
  testCount: 5,
});

describe('samples', () => {
  it('draws grey, colour and feature vectors', () => {
    const grey = samplePixels({ shape: [1, 1, 2], samples: new Uint8Array([9, 9, 10, 20]) }, 1);
    expect([...grey.data]).toEqual([10, 10, 10, 255, 20, 20, 20, 255]);
    const colour = samplePixels({ shape: [3, 1, 2], samples: new Uint8Array([1, 2, 3, 4, 5, 6]) }, 0);
    expect([...colour.data]).toEqual([1, 3, 5, 255, 2, 4, 6, 255]);
    const vector = samplePixels({ shape: [5, 1, 1], samples: new Uint8Array([1, 2, 3, 4, 5]) }, 0);
    expect([vector.columns, vector.rows]).toEqual([3, 2]);
    expect(vector.data[4 * 4]).toBe(5);
    expect(vector.data[4 * 5 + 3]).toBe(0);
  });
  it('says shapes as people do', () => {
    expect(shapeText([3, 32, 32])).toBe('32 × 32 × 3');
    expect(shapeText([1, 28, 28])).toBe('28 × 28');
    expect(shapeText([20, 1, 1])).toBe('20 features');
    expect(shapeText(undefined)).toBe('');
    expect([isPlane([2, 1, 1]), isPlane([2, 8, 8]), isPlane([3, 1, 1])]).toEqual([true, false, false]);
  });
});

type WantedPage = { split: 'train' | 'test'; label: number | undefined; offset: number };

describe('useDatasetPage', () => {
  function open(host: ReturnType<typeof fakeHost>, chosen: DatasetInfo) {
    const page = ref<WantedPage>({ split: 'train', label: undefined, offset: 0 });
    let result!: ReturnType<typeof useDatasetPage>;
    const component = {
      setup() {
        result = useDatasetPage(shallowRef(chosen), page);
        return () => null;
      },
    };
    mount(component, { global: workbenchOf(host, catalog) });
    return { page, result };
  }

  it('drops the answer to a page that is not wanted any more', async () => {
    const answers: ((preview: DatasetPreview) => void)[] = [];
    const host = fakeHost({ 'datasets.preview': () => new Promise((resolve) => answers.push(resolve)) });
    const { page, result } = open(host, info('a'));
    page.value = { ...page.value, label: 1 };
    await flushPromises();
    answers[1]({ title: 'second' } as DatasetPreview);
    answers[0]({ title: 'first' } as DatasetPreview);
    await flushPromises();
    expect(result.preview.value?.title).toBe('second');
    expect(host.inputs('datasets.preview')[1]).toMatchObject({ label: 1, offset: 0, split: 'train' });
  });

  it('does not ask for what is not here', async () => {
    const host = fakeHost({});
    open(host, info('a', 'downloadable'));
    await flushPromises();
    expect(host.inputs('datasets.preview')).toEqual([]);
  });
});

describe('useDatasets', () => {
  it('follows a download and looks again when it has ended', async () => {
    const list = vi.fn(() => [info('a', 'downloadable')]);
    const host = fakeHost({ 'datasets.list': list, 'datasets.download': () => ({ taskId: 't' }) });
    workbenchOf(host, catalog);
    const datasets = useDatasets();
    await datasets.load();
    await datasets.download('a');
    const task = { id: 't', kind: 'download' as const, title: '', fraction: 0.5, message: '' };
    host.say('task.changed', { ...task, state: 'running' });
    await flushPromises();
    expect(datasets.downloads.get('a')?.fraction).toBe(0.5);
    expect(list).toHaveBeenCalledTimes(1);
    host.say('task.changed', { ...task, state: 'done' });
    await flushPromises();
    expect(list).toHaveBeenCalledTimes(2);
  });
});

describe('FileBrowser', () => {
  const entries = [
    { name: 'images', isFolder: true, bytes: 0 },
    { name: 'table.csv', isFolder: false, bytes: 12 },
  ];
  const browser = async (files: boolean) => {
    const host = fakeHost({
      'files.list': ({ path }) => ({ path: path ?? '/home', parent: path ? '/home' : undefined, entries }),
    });
    const wrapper = mount(FileBrowser, {
      props: { open: true, start: '', files },
      global: {
        ...workbenchOf(host, catalog),
        stubs: {
          UiDialog: { template: '<div><slot /><slot name="footer" /></div>' },
          UiTooltip: { template: '<slot />' },
        },
      },
    });
    await flushPromises();
    return { host, wrapper };
  };
  it('goes into folders and chooses the one it shows', async () => {
    const { host, wrapper } = await browser(false);
    await wrapper.findAll('li button')[0].trigger('click');
    await flushPromises();
    expect(host.inputs('files.list')).toEqual([{}, { path: '/home/images' }]);
    await wrapper.findAll('button').at(-1)!.trigger('click');
    expect(wrapper.emitted('choose')).toEqual([['/home/images']]);
  });
  it('takes a file only where one is wanted', async () => {
    expect((await browser(false)).wrapper.findAll('li button')[1].attributes('disabled')).toBeDefined();
    const { wrapper } = await browser(true);
    await wrapper.findAll('li button')[1].trigger('click');
    expect(wrapper.emitted('choose')).toEqual([['/home/table.csv']]);
  });
});
