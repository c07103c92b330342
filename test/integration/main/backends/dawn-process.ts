// A process of its own for what needs SwiftShader's variables from its start: compares a step on WebGPU with the
// reference, and loses its device in the middle of a run. Answers with one message per order.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceBackend } from '../../../../main/backends/reference/index.ts';
import { openDawn } from '../../../../main/backends/webgpu/dawn.ts';
import { hasCheckpoint } from '../../../../main/training/checkpoint.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { prepare } from '../../../../main/training/prepare.ts';
import { Trainer } from '../../../../main/training/trainer.ts';
import { everyOperation } from '../../../support/graphs.ts';
import { randomBatch, randomNetwork, readAll } from '../../../support/networks.ts';
import { l1, plainRules, regularizedRules } from '../../../support/rules.ts';

export type DawnOrder = 'compare' | 'lose';

const engine = await openDawn();

/** @returns the largest deviations from the reference relative to each tensor's scale, by what deviates */
async function compare(): Promise<Record<string, number>> {
  const graph = everyOperation();
  const own = await randomNetwork(engine.backend, graph, { density: 0.5 });
  const oracle = await randomNetwork(referenceBackend, graph, { density: 0.5 });
  const deviations: Record<string, number> = {};
  const { linbreg, adabreg } = regularizedRules(l1);
  const rules = {
    momentum: plainRules['sgd with Nesterov momentum'],
    adam: plainRules.adam,
    linbreg,
    adabreg,
  };
  for (const [name, rule] of Object.entries(rules)) {
    const options = { gradients: 'dense', dropoutSeed: 7, labelSmoothing: 0.1 } as const;
    const batch = randomBatch(graph, 8);
    const [a, b] = [await own.trainStep(batch, options), await oracle.trainStep(batch, options)];
    deviations[`loss before ${name}`] = Math.abs(a.loss - b.loss) / Math.abs(b.loss);
    await own.applyUpdate(rule, { scope: 'support' });
    await oracle.applyUpdate(rule, { scope: 'support' });
    for (const slot of ['gradient', 'value'] as const) {
      const expected = await readAll(oracle, slot);
      for (const [tensor, numbers] of await readAll(own, slot)) {
        deviations[`${tensor} ${slot} with ${name}`] = deviation(numbers, expected.get(tensor)!);
      }
    }
  }
  for (const { name } of oracle.buffers) {
    deviations[name] = deviation(await own.read(name, 'value'), await oracle.read(name, 'value'));
  }
  own.dispose();
  return deviations;
}

function deviation(actual: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  return actual.reduce((worst, x, i) => Math.max(worst, Math.abs(x - expected[i])), 0) / scale;
}

/** Destroys the device while a run trains on it. @returns how the run ended, and what is left of it */
async function lose(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-lost-'));
  const config = parseRunConfig({
    model: { id: 'mlp', widths: [8] },
    dataset: 'two-moons',
    method: { id: 'rigl', density: 0.5 },
    training: { epochs: 1000, batchSize: 64 },
  });
  const load = { dataFolder: folder, allowDownload: false };
  const chosen = { ...engine, id: 'webgpu', notice: undefined } as const;
  const events: string[] = [];
  const trainer = new Trainer(await prepare(config, load, chosen), {
    folder,
    emit(frame) {
      if (frame.type === 'event') events.push(frame.kind);
      // Between its first checkpoint and its next one, in the middle of a step.
      if (frame.type === 'checkpoint') setTimeout(() => engine.destroy(), 500);
    },
  });
  const outcome = await trainer.start();
  const checkpoint = await hasCheckpoint(folder);
  rmSync(folder, { recursive: true });
  return { outcome, events, checkpoint };
}

process.on('message', (order: DawnOrder) => {
  const work: Promise<object> = order === 'compare' ? compare() : lose();
  work.then(
    (result) => process.send!(result),
    (error: Error) => process.send!({ error: error.stack }),
  );
});
