// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory, createRouter } from 'vue-router';
import type { RunDetail } from '../../../../shared/run-view.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { engineFields, trainingFields } from '../../../../shared/run.ts';
import NewRunView from '../../../../renderer/views/new-run/NewRunView.vue';
import { queuedText } from '../../../../renderer/views/new-run/use-launch.ts';
import { catalog } from './catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const parentId = '01J00000000000000000000000';
const parent = {
  row: { id: parentId, name: 'the parent' },
  config: {
    version: 1,
    name: 'the parent',
    model: { id: 'mlp', values: { widths: [200, 80] } },
    dataset: { id: 'fashion-mnist-mini', values: {} },
    method: { id: 'rigl', values: { density: 0.05, learningRate: 0.1, nesterov: false, momentum: 0.9 } },
    training: parseValues(trainingFields, { epochs: 5 }, 'training'),
    schedule: { decay: 'cosine' },
    augmentation: {},
    engine: parseValues(engineFields, {}, 'engine'),
  },
  checkpoints: [{ step: 100, bytes: 1, sha256: '', available: true }],
} as unknown as RunDetail;

/** Panes and overlays need a laid-out page; what matters here is inside them. */
const stubs = {
  UiSplit: { template: '<div><slot name="first" /><slot name="second" /></div>' },
  UiTooltip: { template: '<slot />' },
  UiMenu: true,
  UiCombobox: true,
  FieldHelp: true,
};

async function open(path: string) {
  let created = 0;
  const host = fakeHost({
    'form.preview': () => ({ problems: [], network: undefined }),
    'datasets.list': () => [],
    'runs.get': () => parent,
    'runs.create': () => ({ id: `01J0000000000000000000000${++created}` }),
    'runs.setTags': () => undefined,
  });
  const page = { template: '<p />' };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/new', name: 'new', component: page },
      { path: '/runs', name: 'runs', component: page },
      { path: '/runs/:id', name: 'run', component: page },
    ],
  });
  await router.push(path);
  const { plugins, provide } = workbenchOf(host, catalog);
  const wrapper = mount(NewRunView, { global: { plugins: [...plugins, router], provide, stubs } });
  await settle();
  return { host, router, wrapper };
}

async function settle(): Promise<void> {
  await flushPromises();
  await vi.advanceTimersByTimeAsync(1000);
  await flushPromises();
}
type View = Awaited<ReturnType<typeof open>>['wrapper'];
const field = (wrapper: View, path: string) => wrapper.find(`[data-field="${path}"] input`);
const button = (wrapper: View, text: string) => wrapper.findAll('button').find((b) => b.text() === text)!;

describe('NewRunView', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('starts from the first recipe and trains it with one click', async () => {
    const { host, router, wrapper } = await open('/new');
    await button(wrapper, 'Train').trigger('click');
    await settle();
    expect(host.inputs('runs.create')).toEqual([
      {
        config: {
          name: 'RigL, density 0.05 · Fashion-MNIST mini',
          method: { id: 'rigl', density: 0.05 },
          model: { id: 'mlp' },
          dataset: { id: 'fashion-mnist-mini' },
          training: { epochs: 5 },
        },
        parentRunId: undefined,
        fromStep: undefined,
      },
    ]);
    expect(router.currentRoute.value.path).toBe('/runs/01J00000000000000000000001');
  });

  it('keeps the config in the address, so that a reload has it', async () => {
    const { router, wrapper } = await open('/new');
    await field(wrapper, 'method.density').setValue('0.2');
    await settle();
    const { config } = router.currentRoute.value.query;
    expect(JSON.parse(config as string).method).toEqual({ id: 'rigl', density: 0.2 });
    const again = await open(router.currentRoute.value.fullPath);
    expect((field(again.wrapper, 'method.density').element as HTMLInputElement).value).toBe('0.2');
  });

  it('does not train what is wrong, and leads to the field', async () => {
    const { host, wrapper } = await open('/new');
    await field(wrapper, 'method.density').setValue('0');
    await settle();
    expect(button(wrapper, 'Train').attributes('disabled')).toBeDefined();
    expect(wrapper.find('[aria-label="Problems"]').text()).toContain(
      'Density: Enter a number greater than 0',
    );
    await button(wrapper, 'Train').trigger('click');
    expect(host.inputs('runs.create')).toEqual([]);
  });

  it('shows problems that only the host can find beside their field', async () => {
    const { host, wrapper } = await open('/new');
    host.client.call = async () =>
      ({
        problems: [{ code: 'bad-config', message: 'method.density: too small', field: 'method.density' }],
      }) as never;
    await field(wrapper, 'method.density').setValue('0.0001');
    await settle();
    expect(wrapper.find('[data-field="method.density"] [role="alert"]').text()).toBe('too small');
    expect(button(wrapper, 'Train').attributes('disabled')).toBeDefined();
  });

  it('clones a run, lists what was changed, and takes a change back', async () => {
    const { host, wrapper } = await open(`/new?from=${parentId}&step=100`);
    await field(wrapper, 'training.epochs').setValue('7');
    await settle();
    const changes = wrapper.find('[aria-label="Changed from the parent"]');
    expect(changes.text()).toContain('Epochs');
    expect(changes.text()).toContain('weights at step 100');
    await changes.find('[aria-label^="Take back"]').trigger('click');
    expect(changes.text()).not.toContain('Epochs');
    await button(wrapper, 'Train').trigger('click');
    await settle();
    expect(host.inputs('runs.create')[0]).toMatchObject({ parentRunId: parentId, fromStep: 100 });
  });

  it('queues several seeds and shows the runs', async () => {
    const { host, router, wrapper } = await open('/new');
    await wrapper.find('[aria-label="Number of seeds"]').setValue('3');
    await wrapper.find('[aria-label^="Tags"]').setValue('ablation, x');
    await button(wrapper, 'Train 3 runs').trigger('click');
    await settle();
    const seeds = host.inputs('runs.create').map(({ config }) => (config.training as { seed?: number }).seed);
    expect(seeds).toEqual([undefined, 1, 2]);
    expect(host.inputs('runs.setTags')[2]).toMatchObject({ tags: ['ablation', 'x'] });
    expect(router.currentRoute.value.path).toBe('/runs');
  });

  it('says what of a link is not known here', async () => {
    const config = encodeURIComponent(JSON.stringify({ method: { id: 'rigl', temperature: 1 } }));
    const { wrapper } = await open(`/new?config=${config}`);
    expect(wrapper.text()).toContain('Left out, because it is not known here: method.temperature.');
  });

  it('explains a link that is no config', async () => {
    const { wrapper } = await open('/new?config=%7Bbroken');
    expect(wrapper.text()).toContain('This link cannot be opened');
  });
});

describe('queuedText', () => {
  it('says what starts and what waits', () => {
    expect(queuedText(1, 1, 0)).toBe('Run started');
    expect(queuedText(1, 0, 0)).toBe('Run queued, next in line');
    expect(queuedText(1, 0, 2)).toBe('Run queued; 2 runs wait before');
    expect(queuedText(3, 1, 0)).toBe('3 runs queued, 1 of them starts now');
  });
});
