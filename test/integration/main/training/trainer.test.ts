import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../../../shared/frames.ts';
import { readNewestCheckpoint } from '../../../../main/training/checkpoint.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { prepare } from '../../../../main/training/prepare.ts';
import { Trainer, type Outcome, type TrainerOptions } from '../../../../main/training/trainer.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-trainer-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const moons = {
  model: { id: 'mlp', widths: [16, 8] },
  dataset: { id: 'two-moons' },
  method: { id: 'ml-linbreg', coarseSteps: 9, learningRate: 0.1, initialDensity: 0.4 },
  training: { epochs: 4, batchSize: 20 },
};

interface Recorded {
  outcome: Outcome;
  frames: Frame[];
  trainer: Trainer;
}

async function train(
  raw: object,
  into: string,
  options: Partial<TrainerOptions> = {},
  act?: (trainer: Trainer, frame: Frame) => void,
): Promise<Recorded> {
  const frames: Frame[] = [];
  const run = await prepare(parseRunConfig(raw), { dataFolder: folder, allowDownload: false });
  const trainer: Trainer = new Trainer(run, {
    folder: into,
    ...options,
    emit(frame) {
      frames.push(frame);
      act?.(trainer, frame);
    },
  });
  const resumes = readdirSync(into).some((name) => name.startsWith('checkpoint'));
  const outcome = await (resumes ? trainer.continue(() => {}) : trainer.start());
  run.network.dispose();
  return { outcome, frames, trainer };
}

/** Every tensor of the newest checkpoint as bytes, and all counters that are not wall-clock times. */
async function finalState(from: string): Promise<Record<string, string>> {
  const { tensors, progress } = await readNewestCheckpoint(from);
  const bytes = [...tensors].map(([name, t]) => [
    name,
    Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength).toString('base64'),
  ]);
  const { step, random, loader, flops, method, recorder } = progress;
  return {
    ...Object.fromEntries(bytes),
    progress: JSON.stringify({ step, random, loader, flops, method, recorder }),
  };
}

function inFolder(name: string): string {
  return mkdtempSync(join(folder, name));
}

describe('Trainer', () => {
  it('is bit-identical for the same seed and differs for another', async () => {
    const [a, b, c] = [inFolder('a'), inFolder('b'), inFolder('c')];
    await train(moons, a);
    await train(moons, b);
    await train({ ...moons, training: { ...moons.training, seed: 1 } }, c);
    expect(await finalState(a)).toEqual(await finalState(b));
    expect(await finalState(a)).not.toEqual(await finalState(c));
  });

  it('is bit-identical for one and two threads', async () => {
    const [a, b] = [inFolder('a'), inFolder('b')];
    await train({ ...moons, engine: { threads: 1 } }, a);
    await train({ ...moons, engine: { threads: 2 } }, b);
    expect(await finalState(a)).toEqual(await finalState(b));
  });

  it.each(['sgd', 'adamw', 'linbreg-momentum', 'ml-adabreg', 'rigl', 'rigl-itop', 'set', 'gmp', 'oneshot'])(
    'continues %s bit-identically from a stop in the middle',
    async (id) => {
      const raw = { ...moons, method: { id }, augmentation: {} };
      const [whole, halves] = [inFolder('whole'), inFolder('halves')];
      const uninterrupted = await train(raw, whole);
      // Stop at the first opportunity, then again and again: every stretch is about a frame long.
      const stretches = [await train(raw, halves, { frameMs: 0 }, (trainer) => trainer.stop())];
      while (stretches.at(-1)!.outcome.state === 'stopped' && stretches.length < 4) {
        stretches.push(
          await train(raw, halves, { frameMs: 0 }, (trainer) => stretches.length < 3 && trainer.stop()),
        );
      }
      expect(stretches.at(-1)!.outcome.state).toBe('finished');
      expect(await finalState(halves)).toEqual(await finalState(whole));
      expect(uninterrupted.outcome.state).toBe('finished');
    },
  );

  it('keeps the dropout and augmentation streams over a resume', async () => {
    const raw = {
      model: { id: 'convnet', widths: [4] },
      dataset: { id: 'fashion-mnist-mini' },
      method: { id: 'static', density: 0.3 },
      training: { epochs: 1, batchSize: 500, gradientClipping: 1, labelSmoothing: 0.1 },
      augmentation: { cropPadding: 2, horizontalFlip: true, cutoutSize: 6 },
    };
    const [whole, halves] = [inFolder('whole'), inFolder('halves')];
    await train(raw, whole);
    await train(raw, halves, {}, (trainer) => trainer.stop());
    const { outcome } = await train(raw, halves);
    expect(outcome.state).toBe('finished');
    expect(await finalState(halves)).toEqual(await finalState(whole));
  });

  it('emits only points older than the step a later checkpoint continues from', async () => {
    // A checkpoint right after an epoch: the evaluation of that epoch must survive a resume from it.
    let stopped = false;
    const { frames, outcome } = await train(moons, folder, { frameMs: 0 }, (trainer, frame) => {
      if (stopped || frame.type !== 'scalars' || !frame.series.some((s) => s.key === 'test/accuracy')) return;
      stopped = true;
      trainer.stop();
    });
    expect(outcome.state).toBe('stopped');
    for (const frame of frames) {
      if (frame.type !== 'scalars') continue;
      for (const { key, steps } of frame.series) expect(steps.at(-1), key).toBeLessThan(outcome.step);
    }
  });

  it('passes over a damaged checkpoint and continues from the one before', async () => {
    const [whole, damaged] = [inFolder('whole'), inFolder('damaged')];
    await train(moons, whole);
    await train(moons, damaged, { checkpointMs: 0 });
    const files = readdirSync(damaged).sort();
    expect(files.length).toBe(2);
    truncateSync(join(damaged, files[1]), 1000);
    const { outcome } = await train(moons, damaged);
    expect(outcome.state).toBe('finished');
    expect(await finalState(damaged)).toEqual(await finalState(whole));
  });

  it('refuses a checkpoint of another config', async () => {
    await train(moons, folder, {}, (trainer) => trainer.stop());
    await expect(train({ ...moons, training: { ...moons.training, epochs: 5 } }, folder)).rejects.toThrow(
      'another config',
    );
  });

  it('ends as failed at the step where the loss stops being finite and keeps the last good checkpoint', async () => {
    const raw = {
      ...moons,
      model: { id: 'mlp', widths: [32, 32, 32, 32] },
      method: { id: 'sgd', learningRate: 100 },
    };
    const { outcome, frames } = await train(raw, folder);
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/The loss became \S+ at step \d+/),
    });
    expect(frames.some((f) => f.type === 'event' && f.kind === 'diverged')).toBe(true);
    const { tensors } = await readNewestCheckpoint(folder);
    for (const [name, tensor] of tensors) {
      if (name.startsWith('value/')) expect((tensor.data as Float32Array).every(Number.isFinite)).toBe(true);
    }
  });

  it('pauses, says so, and continues', async () => {
    const states: string[] = [];
    let paused = false;
    const { outcome } = await train(
      { ...moons, training: { epochs: 60, batchSize: 20 } },
      folder,
      { frameMs: 0 },
      (trainer, frame) => {
        if (frame.type === 'state') {
          states.push(frame.state);
          if (frame.state === 'paused') setTimeout(() => trainer.resume(), 60);
        } else if (!paused && frame.type === 'scalars') {
          paused = true;
          trainer.pause();
        }
      },
    );
    expect(outcome.state).toBe('finished');
    expect(states).toEqual(['paused', 'running']);
  });

  it('emits what charts need', async () => {
    const { frames, outcome } = await train(moons, folder, { frameMs: 0 });
    const keys = new Set(frames.flatMap((f) => (f.type === 'scalars' ? f.series.map((s) => s.key) : [])));
    for (const key of [
      'train/loss',
      'train/accuracy',
      'test/loss',
      'test/accuracy',
      'learningRate',
      'method/lambda',
      'density',
      'density/fc1.weight',
      'flops/train',
      'flops/percentOfDense',
      'gradients/dense',
      'time/data',
      'time/forward',
      'time/backward',
      'time/update',
      'time/topology',
      'throughput/samplesPerSecond',
      'memory/processBytes',
      'memory/networkBytes',
    ]) {
      expect(keys, key).toContain(key);
    }
    const topology = frames.filter((f) => f.type === 'topology');
    expect(topology[0]).toMatchObject({ step: 0 });
    const summary = frames.find((f) => f.type === 'summary');
    expect(summary!.layers.map((l) => l.name)).toEqual(['fc1.weight', 'fc2.weight', 'fc3.weight']);
    expect(outcome).toMatchObject({ state: 'finished' });
  });
});
