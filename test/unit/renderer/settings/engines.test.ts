// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import type { EngineInfo, EngineTimes } from '../../../../shared/engine-info.ts';
import type { Task } from '../../../../shared/task.ts';
import { engineOptions } from '../../../../renderer/engines/engine-options.ts';
import { useWorkbench } from '../../../../renderer/stores/workbench.ts';
import { question } from '../../../../renderer/ui/confirm.ts';
import EngineSettings from '../../../../renderer/views/settings/EngineSettings.vue';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

const base = { strength: 'sparse networks', versions: {}, maxThreads: 2 };
const native: EngineInfo = {
  ...{ ...base, id: 'native', title: 'Native', available: true, detail: 'native (AVX2)' },
  device: { name: 'EPYC', kind: 'cpu', memoryBytes: 8e9, notes: ['AVX2'] },
};
const setUp = { installed: false, folder: '/engines/webgpu', command: 'npm run setup:webgpu', size: '51 MB' };
const webgpu: EngineInfo = {
  ...{ ...base, id: 'webgpu', title: 'WebGPU', available: false },
  ...{ detail: 'not installed: run npm run setup:webgpu', setUp },
};
const software: EngineInfo = {
  ...webgpu,
  ...{ available: true, detail: 'WebGPU: SwiftShader', setUp: { ...setUp, installed: true } },
  device: { name: 'SwiftShader', kind: 'software', notes: ['largest buffer 1.00 GiB'] },
};
const times = (id: 'native', runMs: number, denseMs: number): EngineTimes => {
  const of = (label: string, density: number, stepMs: number) => ({
    ...{ label, density, stepMs, batchSize: 128, threads: 2, engine: 'native (AVX2)' },
  });
  return { id, title: 'Native', run: of('5 % dense', 0.05, runMs), dense: of('dense', 1, denseMs) };
};

function settings(engines: EngineInfo[], answers: Parameters<typeof fakeHost>[0] = {}) {
  const host = fakeHost(answers);
  const global = workbenchOf(host, catalog);
  useWorkbench().engines = engines;
  const wrapper = mount(EngineSettings, { props: { change: () => {} }, global });
  const item = (title: string) => wrapper.findAll('li').find((li) => li.find('h3').text().startsWith(title))!;
  const press = async (title: string, label: string) => {
    const buttons = item(title).findAll('button');
    await buttons.find((b) => b.text() === label || b.attributes('aria-label') === label)!.trigger('click');
    await flushPromises();
  };
  return { host, wrapper, item, press };
}

describe('the engines of a computer', () => {
  it('say what they are here, or how to get them', () => {
    const { item } = settings([native, webgpu]);
    expect(item('Native').text()).toContain('EPYC');
    expect(item('Native').text()).toContain('AVX2');
    expect(item('WebGPU').text()).toContain('not installed');
    expect(item('WebGPU').text()).toContain('npm run setup:webgpu');
    expect(settings([native, software]).item('WebGPU').text()).toContain('software: slow');
  });

  it('are measured with the network that was chosen, and show its speed-up', async () => {
    const { host, item, press } = settings([native], { 'engines.measure': () => times('native', 0.5, 3) });
    await press('Native', 'Measure');
    expect(host.inputs('engines.measure')).toEqual([
      {
        backend: 'native',
        threads: 0,
        model: 'mlp',
        dataset: 'fashion-mnist-mini',
        batchSize: 128,
        density: 0.05,
      },
    ]);
    const cells = item('Native')
      .findAll('tr')
      .map((row) => row.text());
    expect(cells).toEqual([expect.stringContaining('dense'), expect.stringMatching(/5 % dense.*6\.0×/)]);
  });

  it('are set up with progress, can be cancelled, and are there when it is done', async () => {
    const { host, item, press } = settings([native, webgpu], {
      'engines.install': () => ({ taskId: 'task-3' }),
      'engines.list': () => [native, software],
      'tasks.cancel': () => undefined,
    });
    const task: Task = {
      ...{ id: 'task-3', kind: 'install', title: 'Setting up WebGPU', state: 'running' },
      ...{ fraction: 0.4, message: 'fetching webgpu 0.6.2' },
    };
    await press('WebGPU', 'Set up WebGPU');
    host.say('task.changed', task);
    await flushPromises();
    expect(host.inputs('engines.install')).toEqual([{ id: 'webgpu' }]);
    expect(item('WebGPU').get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40');
    expect(item('WebGPU').text()).toContain('fetching webgpu 0.6.2');
    await press('WebGPU', 'Cancel');
    expect(host.inputs('tasks.cancel')).toEqual([{ id: 'task-3' }]);
    host.say('task.changed', { ...task, state: 'done' });
    await flushPromises();
    expect(item('WebGPU').text()).toContain('SwiftShader');
    expect(item('WebGPU').text()).toContain('Measure');
  });

  it('say why they could not be set up', async () => {
    const { host, wrapper, press } = settings([webgpu], {
      'engines.install': () => ({ taskId: 'task-1' }),
      'engines.list': () => [webgpu],
    });
    await press('WebGPU', 'Set up WebGPU');
    host.say('task.changed', {
      ...{ id: 'task-1', kind: 'install', title: '', state: 'failed', fraction: undefined },
      message: 'npm was not found',
    });
    await flushPromises();
    expect(wrapper.text()).toContain('npm was not found');
  });

  it('are removed only after a question', async () => {
    const { host, press } = settings([software], {
      'engines.remove': () => undefined,
      'engines.list': () => [webgpu],
    });
    await press('WebGPU', 'Remove WebGPU');
    expect(question.value!.text).toContain('/engines/webgpu');
    question.value!.answer(false);
    await flushPromises();
    expect(host.inputs('engines.remove')).toEqual([]);
    await press('WebGPU', 'Remove WebGPU');
    question.value!.answer(true);
    await flushPromises();
    expect(host.inputs('engines.remove')).toEqual([{ id: 'webgpu' }]);
    expect(useWorkbench().engines).toEqual([webgpu]);
  });
});

it('what cannot run here cannot be chosen, and says why', () => {
  const options = engineOptions([native, webgpu]);
  expect(options.map(({ value }) => value)).toEqual(['auto', 'native', 'tensorflow', 'webgpu', 'reference']);
  const by = Object.fromEntries(options.map((option) => [option.value, option]));
  expect(by.webgpu).toMatchObject({ disabled: true, hint: 'not installed: run npm run setup:webgpu' });
  expect(by.native).toEqual({ value: 'native', label: 'native sparse CPU kernels', hint: 'EPYC' });
  expect(engineOptions([software])[3]).toMatchObject({ hint: 'software GPU: slow' });
});
