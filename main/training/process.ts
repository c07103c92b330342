import { constants, setPriority } from 'node:os';
import { UserError } from '../../shared/errors.ts';
import { hasCheckpoint } from './checkpoint.ts';
import { connectToHost } from './host-port.ts';
import type { FromTrainer, ToTrainer } from './messages.ts';
import { openEngine } from './open-engine.ts';
import { prepare } from './prepare.ts';
import { loadStartingWeights } from './starting-weights.ts';
import { Trainer, type Outcome } from './trainer.ts';

/**
 * Entry point of a training process: compute only. It is told what to train, answers with frames, and ends.
 * If its host disappears it checkpoints and ends, so that nothing is lost and nothing keeps running unseen.
 */
let trainer: Trainer | undefined;
const stopping = new AbortController();

const host = connectToHost<ToTrainer, FromTrainer>(obey, stop);
const { send } = host;

/** Before any thread of the engine exists: they inherit it. */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed here; training at the usual priority is no reason to fail.
  }
}

async function begin(order: Extract<ToTrainer, { type: 'begin' }>): Promise<Outcome> {
  if (order.belowWindow) giveWay();
  const { chosen, warnings } = await openEngine(order.engine, order.config.engine.threads);
  const environment = {
    dataFolder: order.dataFolder,
    allowDownload: order.allowDownload,
    signal: stopping.signal,
    onProgress: (progress: { text: string; fraction: number | undefined }) =>
      send({ type: 'progress', ...progress }),
  };
  const run = await prepare(order.config, environment, chosen);
  send({
    type: 'prepared',
    provenance: {
      datasetSha256: run.dataset.sha256,
      datasetOrigin: run.dataset.origin,
      engine: chosen.backend.describe(),
      engineId: chosen.id,
      engineReason: order.engine.reason,
      engineVersions: chosen.versions,
      device: chosen.device.name,
      threads: chosen.threads,
      node: process.versions.node,
      ...run.horizon,
      batchSize: run.config.training.batchSize,
      parameters: run.network.parameters.reduce((sum, p) => sum + p.size, 0),
      macs: run.analysis.macs,
      layers: run.network.parameters
        .filter((p) => p.sparse)
        .map(({ name, shape, size, macsPerWeight }) => ({
          name,
          shape: [...shape],
          macs: size * macsPerWeight,
        })),
    },
  });
  trainer = new Trainer(run, {
    folder: order.folder,
    recordedSteps: order.recordedSteps,
    checkpointMs: order.checkpointMs,
    emit: (frame) => send({ type: 'frame', frame }),
  });
  for (const text of warnings) {
    send({ type: 'frame', frame: { type: 'event', step: 0, level: 'warning', kind: 'engine', text } });
  }
  if (stopping.signal.aborted) trainer.stop();
  const continuing = (step: number) => send({ type: 'continuing', step });
  if (order.resume && (await hasCheckpoint(order.folder))) return trainer.continue(continuing);
  if (order.resume) continuing(0);
  if (run.config.start) await loadStartingWeights(run.network, order.folder, run.config.start);
  return trainer.start();
}

function obey(message: ToTrainer): void {
  if (message.type === 'begin') {
    begin(message)
      .catch((error: unknown): Outcome => {
        if (stopping.signal.aborted) return { state: 'stopped', step: 0 };
        const reason = error instanceof UserError ? error.message : ((error as Error).stack ?? String(error));
        return { state: 'failed', step: 0, reason };
      })
      .then((outcome) => host.end({ type: 'ended', outcome }));
  } else if (message.type === 'pause') trainer?.pause();
  else if (message.type === 'continue') trainer?.resume();
  else if (message.type === 'checkpoint') trainer?.checkpointNow();
  else stop();
}

function stop(): void {
  stopping.abort();
  trainer?.stop();
}

// Ctrl-C reaches the whole terminal group; the host decides what it means and tells us.
process.on('SIGINT', () => {});
process.on('SIGTERM', stop);
