import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRunConfig } from '../../../../main/training/config.ts';
import type { FromTrainer, ToTrainer } from '../../../../main/training/messages.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

it('a training process works over the port of a utility process: frames arrive, a stop checkpoints, it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-port-'));
  const child = fork(at('main/training/process.ts'), [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', at('test/support/parent-port.ts')],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const heard: FromTrainer[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.on('message', (message: FromTrainer) => {
    heard.push(message);
    if (message.type === 'frame' && message.frame.type === 'scalars') {
      expect(message.frame.series[0].values).toBeInstanceOf(Float64Array);
      child.send({ type: 'stop' } satisfies ToTrainer);
    }
  });
  const config = parseRunConfig({ method: { id: 'sgd' }, training: { epochs: 50 } });
  const order: ToTrainer = {
    type: 'begin',
    config,
    engine: { id: 'auto', reason: 'of this test' },
    folder,
    resume: false,
    recordedSteps: [],
    dataFolder: folder,
    allowDownload: false,
  };
  child.send(order);
  expect(await ended).toBe(0);
  expect(heard.map(({ type }) => type)).toEqual(expect.arrayContaining(['prepared', 'frame', 'ended']));
  expect(heard.at(-1)).toMatchObject({ type: 'ended', outcome: { state: 'stopped' } });
  expect(heard.some((m) => m.type === 'frame' && m.frame.type === 'checkpoint')).toBe(true);
  rmSync(folder, { recursive: true });
});
