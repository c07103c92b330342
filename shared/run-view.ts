import type { EventLevel, LayerSummary } from './frames.ts';
import type { RunConfig } from './run.ts';
import type { RunState } from './run-state.ts';

/** A run as tables show it: everything that can be filtered, sorted, grouped or plotted against. */
export interface RunRow {
  id: string;
  name: string;
  state: RunState;
  /** Why it failed or was lost. */
  reason: string | undefined;
  project: string;
  parentRunId: string | undefined;
  forkStep: number | undefined;
  /** Registry ids. */
  model: string;
  dataset: string;
  method: string;
  seed: number;
  tags: string[];
  starred: boolean;
  archived: boolean;
  createdMs: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  /** Completed steps, and how many there are to do (unknown before the data was loaded). */
  step: number;
  totalSteps: number | undefined;
  /** The flattened config: `method.lambda`, `training.epochs`; lists as JSON text. */
  settings: Record<string, number | string | boolean>;
  /**
   * Last, smallest and largest finite value of the main series (no per-layer, time or memory series) and, with equal
   * entries, of the summary's values (`time/stepMs`, `nonzeros`, `parameters` ...).
   */
  metrics: Record<string, Metric>;
}

export interface Metric {
  last: number;
  min: number;
  max: number;
}

export interface RunDetail {
  row: RunRow;
  config: RunConfig;
  configHash: string;
  /** Versions, commit, engine, threads, host, data-set hash. */
  environment: Record<string, unknown>;
  notes: string;
  events: RunEvent[];
  /** Newest first; `available` where the file is still there. */
  checkpoints: { step: number; bytes: number; sha256: string; available: boolean }[];
  /** Keys of all series. */
  series: string[];
  summary: { values: Record<string, number>; layers: LayerSummary[] } | undefined;
  children: string[];
}

export interface RunEvent {
  timeMs: number;
  step: number;
  level: EventLevel;
  kind: string;
  text: string;
}

/** Runs that train now and runs that wait, in order. */
export interface Queue {
  slots: number;
  active: string[];
  waiting: string[];
}

/** The three honest numbers, each against dense training of the same network over the same samples. */
export interface HonestNumbers {
  /** Theoretical training FLOPs, papers' convention. */
  flops: { run: number; dense: number };
  /** Measured milliseconds per training step; undefined before there is a measurement. */
  time: { run: number; dense: number; denseSource: string } | undefined;
  /** Bytes to store the sparsifiable weights: CSR (4-byte values and indices) or dense, the smaller, against float32. */
  bytes: { run: number; dense: number };
}
