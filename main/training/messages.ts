import type { Frame } from '../../shared/frames.ts';
import type { EngineId, RunConfig } from '../../shared/run.ts';
import type { Outcome } from './trainer.ts';

/** What computes a run. */
export interface EngineOrder {
  /** `auto`: the native kernels if they load, else the reference, said aloud. */
  id: EngineId | 'auto';
  /** Why this one, in words; stored with the run. */
  reason: string;
  /** Of a resumed run: how its engine described itself when it began. */
  begunWith?: string;
}

/** What the host tells a training process; the first message is always `begin`. */
export type ToTrainer =
  | {
      type: 'begin';
      config: RunConfig;
      engine: EngineOrder;
      /** Where the run's checkpoints are. */
      folder: string;
      /** Continue from the newest checkpoint instead of starting over. */
      resume: boolean;
      /** Steps of the checkpoints that the host knows of; it has every frame up to them. */
      recordedSteps: number[];
      dataFolder: string;
      allowDownload: boolean;
      /** Run at a lower priority than other programs, so that a window on the same cores stays smooth. */
      belowWindow?: boolean;
      checkpointMs?: number;
    }
  | { type: 'pause' }
  | { type: 'continue' }
  | { type: 'checkpoint' }
  | { type: 'stop' };

/** What was found out while the run was prepared: stored with it. */
export interface Provenance {
  datasetSha256: string;
  datasetOrigin: string;
  /** As it describes itself: what computes, and the hardware path in use. */
  engine: string;
  engineId: EngineId;
  engineReason: string;
  engineVersions: Readonly<Record<string, string>>;
  device: string;
  threads: number;
  node: string;
  totalSteps: number;
  stepsPerEpoch: number;
  batchSize: number;
  parameters: number;
  macs: number;
  /** The weights that the method may sparsify. */
  layers: { name: string; shape: number[]; macs: number }[];
}

/** What a training process tells its host. `ended` is its last word; exiting without it is a crash. */
export type FromTrainer =
  | { type: 'progress'; text: string; fraction: number | undefined }
  | { type: 'prepared'; provenance: Provenance }
  | { type: 'continuing'; step: number }
  | { type: 'frame'; frame: Frame }
  | { type: 'ended'; outcome: Outcome };
