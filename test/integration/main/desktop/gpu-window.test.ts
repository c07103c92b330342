import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { beforeEach, expect, it, vi } from 'vitest';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import { connect } from '../../../../main/backends/remote/port.ts';
import { serve } from '../../../../main/backends/remote/server.ts';
import { openChromium, type ParentPort } from '../../../../main/backends/webgpu/chromium.ts';
import { makeElectron, type ElectronStandIn } from '../../../support/electron.ts';
import { perceptron } from '../../../support/graphs.ts';
import { randomBatch, randomNetwork } from '../../../support/networks.ts';

// How a utility process comes by Chromium's GPU: the desktop shell as it is, against the stand-in for Electron.
let electron: ElectronStandIn;
beforeEach(() => {
  vi.resetModules();
  electron = makeElectron();
  vi.doMock('electron', () => electron);
});

/** A utility process, and its side of the conversation with the host. */
async function startTraining(environment?: Record<string, string>) {
  const { startUtilityProcess } = await import('../../../../main/desktop/utility-process.ts');
  const heard: unknown[] = [];
  startUtilityProcess(
    'training',
    { onMessage: (message) => heard.push(message), onExit: (how) => heard.push(how) },
    { environment },
  );
  const child = electron.UtilityProcess.all[0];
  const port = new EventEmitter();
  const own = child.postMessage;
  child.postMessage = (message, ports = []) => {
    own(message, ports);
    port.emit('message', { data: message, ports });
  };
  const parentPort = Object.assign(port, {
    postMessage: (message: unknown) => void child.emit('message', message),
  }) as unknown as ParentPort;
  return { child, heard, parentPort };
}

/** What the preload script and the page do with the port that the window gets. */
function loadPage(window: InstanceType<ElectronStandIn['BrowserWindow']>): void {
  window.webContents.emit('did-finish-load');
  const [{ channel, ports }] = window.webContents.posted;
  expect(channel).toBe('port');
  serve(connect(ports[0] as MessagePort as never), async () => ({
    ...{ backend: referenceBackend, threads: 1, versions: {}, lost: new Promise<never>(() => {}) },
    device: { name: 'a GPU', kind: 'gpu', notes: [] },
  }));
}

it('a process that asks for a GPU gets a port to a hidden, locked-down window, which goes with it', async () => {
  const { child, heard, parentPort } = await startTraining();
  expect(electron.BrowserWindow.all).toEqual([]);
  const opening = openChromium(parentPort);
  const [window] = electron.BrowserWindow.all;
  expect(window.loadURL).toHaveBeenCalledWith('app://filigree/gpu/index.html');
  expect(window.options).toMatchObject({ show: false, skipTaskbar: true });
  expect(window.options.webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
    backgroundThrottling: false,
  });
  loadPage(window);
  const { backend, device } = await opening;
  expect(device.name).toBe('a GPU');
  const network = await randomNetwork(backend, perceptron());
  expect(
    (await network.trainStep(randomBatch(network.graph, 8), { gradients: 'support' })).loss,
  ).toBeGreaterThan(0);
  // Nobody else hears of it.
  expect(heard).toEqual([]);
  child.emit('exit', 0);
  expect(window.isClosed).toBe(true);
});

it('a window that crashes ends the run as device-lost', async () => {
  const { parentPort } = await startTraining();
  const opening = openChromium(parentPort);
  const [window] = electron.BrowserWindow.all;
  loadPage(window);
  const { backend } = await opening;
  const network = await randomNetwork(backend, perceptron());
  window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  // Electron closes the ports of a process that is gone.
  (window.webContents.posted[0].ports[0] as MessagePort).close();
  expect(window.isClosed).toBe(true);
  await vi.waitFor(() =>
    expect(network.read('fc1.weight', 'value')).rejects.toMatchObject({ code: 'device-lost' }),
  );
});

it('a window that crashes before its page is there does not leave the process waiting', async () => {
  const { parentPort } = await startTraining();
  const opening = openChromium(parentPort);
  electron.BrowserWindow.all[0].webContents.emit('render-process-gone', {}, { reason: 'launch-failed' });
  await expect(opening).rejects.toMatchObject({ code: 'device-lost' });
});

it('starts processes with the variables of their engine beside its own', async () => {
  const { child } = await startTraining({ TF_NUM_INTRAOP_THREADS: '3' });
  expect(child.options).toMatchObject({ env: { TF_NUM_INTRAOP_THREADS: '3', PATH: process.env.PATH } });
});
