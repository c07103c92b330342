import type { RunState } from './run-state.ts';

/**
 * What a training process emits. Every frame can be structured-cloned, so the same objects go to the host, the
 * store, the live window and the progress bar.
 */
export type Frame = ScalarFrame | TopologyFrame | EventFrame | StateFrame | CheckpointFrame | SummaryFrame;

/** Points of several series since the last frame. Within one series steps never decrease. */
export interface ScalarFrame {
  type: 'scalars';
  series: ScalarSeries[];
}

/** Columns of equal length; `values` may hold NaN and infinities, `wallMs` counts from the start of the run. */
export interface ScalarSeries {
  /** `train/loss`, `layer/fc1/density`: the part before the first slash groups charts. */
  key: string;
  steps: Float64Array;
  values: Float64Array;
  wallMs: Float64Array;
}

/** The masks of some layers after `step` completed steps; 0 is before training. */
export interface TopologyFrame {
  type: 'topology';
  step: number;
  layers: MaskSnapshot[];
}

/** One encoded mask [rows, columns]; only the topology code knows what `encoding` and `data` mean. */
export interface MaskSnapshot {
  name: string;
  rows: number;
  columns: number;
  nnz: number;
  encoding: string;
  /** The step of the snapshot this one is a difference to; absent for a key frame. */
  baseStep?: number;
  data: Uint8Array;
}

export type EventLevel = 'info' | 'warning' | 'error';

export interface EventFrame {
  type: 'event';
  step: number;
  level: EventLevel;
  kind: string;
  text: string;
}

export interface StateFrame {
  type: 'state';
  state: RunState;
  step: number;
  reason?: string;
}

export interface CheckpointFrame {
  type: 'checkpoint';
  step: number;
  file: string;
  bytes: number;
  sha256: string;
}

/** The result of a run: final metrics and what each layer looks like. */
export interface SummaryFrame {
  type: 'summary';
  values: Record<string, number>;
  layers: LayerSummary[];
}

export interface LayerSummary {
  name: string;
  /** Linear [out, in]; convolution [out, in, kh, kw]. */
  shape: number[];
  nnz: number;
  size: number;
  density: number;
  /** Multiply-accumulates of one sample when dense. */
  macs: number;
  execution: 'sparse' | 'dense';
  /** Outputs without an incoming weight, and inputs (times kernel area) without an outgoing one. */
  deadRows: number;
  deadColumns: number;
}
