import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorkbench } from '../../../support/workbench.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'filigree-engines-'));
  vi.stubEnv('FILIGREE_ENGINES', join(root, 'engines'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** An npm that runs a script in the folder that it is to install into. */
function fakeNpm(script: string): void {
  const npm = join(root, 'bin', 'npm');
  mkdirSync(join(root, 'bin'));
  writeFileSync(npm, `#!/bin/sh\n${script}\n`);
  chmodSync(npm, 0o755);
  vi.stubEnv('PATH', [join(root, 'bin'), process.env.PATH].join(delimiter));
}

describe.runIf(process.platform !== 'win32')('an engine that does not come with Filigree', () => {
  test('is installed as a task, then examined anew, and can be removed', async () => {
    const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
    const dist = `node_modules/webgpu/dist/${platform}`;
    fakeNpm(`mkdir -p ${dist} && echo no library > ${dist}/dawn.node
      echo "throw new Error('not a library')" > node_modules/webgpu/index.js`);
    const workbench = openWorkbench();
    const webgpu = async () => (await workbench.call('engines.list', {})).find(({ id }) => id === 'webgpu')!;
    expect(await webgpu()).toMatchObject({
      available: false,
      detail: 'not installed: run npm run setup:webgpu',
      setUp: { installed: false },
    });
    const { taskId } = await workbench.call('engines.install', { id: 'webgpu' });
    const ended = await workbench.when(
      'task.changed',
      (task) => task.id === taskId && task.state !== 'running',
    );
    expect(ended).toMatchObject({ kind: 'install', title: 'Setting up WebGPU', state: 'done' });
    expect(workbench.said('task.changed').map(({ message }) => message)).toContain(
      'fetching webgpu 0.6.2 through npm',
    );
    expect(await webgpu()).toMatchObject({
      available: false,
      detail: 'Dawn does not load here: not a library',
      setUp: { installed: true },
    });
    await workbench.call('engines.remove', { id: 'webgpu' });
    expect(await webgpu()).toMatchObject({ setUp: { installed: false } });
  });

  test('is not there when its installation is cancelled', async () => {
    fakeNpm('sleep 3');
    const workbench = openWorkbench();
    const { taskId } = await workbench.call('engines.install', { id: 'webgpu' });
    await workbench.when('task.changed', ({ message }) => message.startsWith('fetching'));
    await workbench.call('tasks.cancel', { id: taskId });
    await workbench.when('task.changed', ({ state }) => state === 'cancelled');
    const engines = await workbench.call('engines.list', {});
    expect(engines.find(({ id }) => id === 'webgpu')).toMatchObject({ setUp: { installed: false } });
  });
});

test('an engine that comes with Filigree is neither installed nor removed', async () => {
  const workbench = openWorkbench();
  for (const call of ['engines.install', 'engines.remove'] as const) {
    await expect(workbench.call(call, { id: 'native' })).rejects.toMatchObject({
      code: 'not-installable',
      message: 'id: "native" comes with Filigree; engines that are installed on demand: tensorflow, webgpu',
    });
  }
});

test('an engine that does not run here is not measured', async () => {
  const workbench = openWorkbench();
  const network = { model: 'mlp', dataset: 'fashion-mnist-mini', batchSize: 32, density: 0.05 };
  await expect(
    workbench.call('engines.measure', { backend: 'webgpu', threads: 1, ...network }),
  ).rejects.toMatchObject({
    code: 'backend-unavailable',
    message: 'backend: webgpu cannot run here: not installed: run npm run setup:webgpu',
  });
});
