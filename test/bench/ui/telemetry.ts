import { serialize } from 'node:v8';
import { presetById } from '../../../main/methods/presets.ts';
import { parseRunConfig } from '../../../main/training/config.ts';
import { prepare } from '../../../main/training/prepare.ts';
import { RunRecorder } from '../../../main/training/recorder.ts';
import { SnapshotRecorder } from '../../../main/training/snapshots.ts';
import { Trainer } from '../../../main/training/trainer.ts';
import { median } from '../support.ts';
import type { Figure } from './index.ts';

/** Steps of the presets on full Fashion-MNIST; here the embedded images are passed over more often. */
const epochs = 60;

/**
 * What telemetry (recording points, flushing frames, mask snapshots, serialising all of it for the host) costs a
 * training process, as a share of its training steps: timed inside the same steps of a sparse MLP, where steps are
 * shortest.
 */
export async function telemetry(folder: string): Promise<Figure[]> {
  const rounds: { share: number; stepMs: number }[] = [];
  for (let round = 0; round < 3; round++) rounds.push(await timeOneRun(folder));
  const stepMs = median(rounds.map((round) => round.stepMs));
  const how = `ML-LinBreg, ${epochs * 156} steps of ${stepMs.toFixed(2)} ms, median of ${rounds.length} runs`;
  const measured = 100 * median(rounds.map(({ share }) => share));
  return [{ what: 'telemetry, of step time', measured, limit: 2, unit: '%', how }];
}

async function timeOneRun(folder: string): Promise<{ share: number; stepMs: number }> {
  const stopwatch = new Stopwatch();
  const restore = [
    // Not `afterPass`: two additions, which a clock around them would multiply.
    ...(['afterStep', 'frame'] as const).map((name) => stopwatch.around(RunRecorder.prototype, name)),
    stopwatch.around(SnapshotRecorder.prototype, 'take'),
  ];
  try {
    const { config: recipe } = presetById('quickstart');
    const config = parseRunConfig({ ...recipe, training: { ...recipe.training, epochs } });
    const run = await prepare(config, { dataFolder: folder, allowDownload: false });
    const trainer = new Trainer(run, { folder, emit: (frame) => stopwatch.time(() => serialize(frame)) });
    const outcome = await trainer.start();
    if (outcome.state !== 'finished') throw new Error(`the run ${outcome.state}`);
    run.network.dispose();
    const { 'time/trainingMs': trainingMs, 'time/stepMs': stepMs } = outcome.summary;
    return { share: stopwatch.totalMs / trainingMs, stepMs };
  } finally {
    for (const undo of restore) undo();
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
