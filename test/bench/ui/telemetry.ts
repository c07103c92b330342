import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { presetById } from '../../../main/methods/presets.ts';
import { parseRunConfig } from '../../../main/training/config.ts';
import { prepare } from '../../../main/training/prepare.ts';
import { RunRecorder } from '../../../main/training/recorder.ts';
import { SnapshotRecorder } from '../../../main/training/snapshots.ts';
import { Trainer } from '../../../main/training/trainer.ts';
import { median } from '../support.ts';

/**
 * What telemetry (recording points, flushing frames, taking mask snapshots, serialising all of it for the host)
 * costs a training process, as a share of its training steps: quick-start runs, timed inside the same steps.
 */
export async function telemetryShare(rounds = 5): Promise<{ share: number; stepMs: number }> {
  const shares: number[] = [];
  const steps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { telemetryMs, trainingMs, stepMs } = await timeOneRun();
    shares.push(telemetryMs / trainingMs);
    steps.push(stepMs);
  }
  return { share: median(shares), stepMs: median(steps) };
}

async function timeOneRun(): Promise<{ telemetryMs: number; trainingMs: number; stepMs: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'filigree-telemetry-'));
  const stopwatch = new Stopwatch();
  const restore = [
    ...(['afterPass', 'afterStep', 'frame'] as const).map((name) =>
      stopwatch.around(RunRecorder.prototype, name),
    ),
    stopwatch.around(SnapshotRecorder.prototype, 'take'),
  ];
  try {
    const config = parseRunConfig(presetById('quickstart').config);
    const run = await prepare(config, { dataFolder: folder, allowDownload: false });
    const trainer = new Trainer(run, { folder, emit: (frame) => stopwatch.time(() => serialize(frame)) });
    const outcome = await trainer.start();
    if (outcome.state !== 'finished') throw new Error(`the run ${outcome.state}`);
    run.network.dispose();
    const trainingMs = outcome.summary['time/trainingMs'];
    return { telemetryMs: stopwatch.totalMs, trainingMs, stepMs: outcome.summary['time/stepMs'] };
  } finally {
    for (const undo of restore) undo();
    await rm(folder, { recursive: true, force: true });
  }
}

class Stopwatch {
  totalMs = 0;

  time<T>(action: () => T): T {
    const start = performance.now();
    const stop = () => void (this.totalMs += performance.now() - start);
    const result = action();
    if (result instanceof Promise) return result.finally(stop) as T;
    stop();
    return result;
  }

  /** Times every call of a method. @returns what undoes it */
  around<K extends string>(prototype: Record<K, (...args: never[]) => unknown>, name: K): () => void {
    const original = prototype[name];
    const time = <T>(action: () => T) => this.time(action);
    prototype[name] = function (...args: never[]) {
      return time(() => original.apply(this, args));
    };
    return () => void (prototype[name] = original);
  }
}
