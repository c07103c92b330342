import type { ExportCheck, NetworkSize } from './export-result.ts';
import type { Values } from './fields.ts';
import type { RunConfig } from './run.ts';
import type { RunState } from './run-state.ts';

/** What a trained network is and how it came about, for people and programs: written beside every export. */
export interface ModelCard {
  /** Of this layout. */
  version: 1;
  name: string;
  run: {
    id: string;
    state: RunState;
    /** Completed steps of the checkpoint that the weights are from, and of the whole run. */
    step: number;
    totalSteps: number | undefined;
    configHash: string;
    finished: string | undefined;
    wallMs: number | undefined;
  };
  model: CardEntry & { input: readonly number[]; classes: number; parameters: number };
  method: CardEntry & { extension: boolean };
  dataset: CardEntry & { sha256: string };
  /** Trains the same network again with `filigree train --config`. */
  config: RunConfig;
  environment: {
    filigree: string;
    commit?: string;
    engine?: string;
    threads?: number;
    node?: string;
    platform?: string;
  };
  /** Of the test split, as last evaluated. */
  metrics: { accuracy: number | undefined; loss: number | undefined };
  /** Linear and convolution weights of the trained network. */
  layers: CardLayer[];
  flops: {
    /** Of the whole training; undefined before its first step. `exact` is known once it has finished. */
    training: { total: number; percentOfDense: { paper: number; exact: number | undefined } } | undefined;
    /** Forward pass of one sample, with the active weights and with all of them; 2 per multiply-accumulate. */
    inference: { sparse: number; dense: number };
  };
  /** The export that this card lies beside; absent for a card of a run alone. */
  file?: CardFile;
  snippets: CardSnippet[];
}

/** Something from a registry with its settings. */
export interface CardEntry {
  id: string;
  title: string;
  summary: string;
  paper?: { title: string; reference: string };
  values: Values;
}

export interface CardLayer {
  name: string;
  shape: readonly number[];
  nonzeros: number;
  weights: number;
  density: number;
}

export interface CardFile {
  format: string;
  title: string;
  files: { name: string; bytes: number; sha256: string }[];
  bytes: number;
  /** All parameters of the trained network stored densely in float32. */
  denseBytes: number;
  transforms: string[];
  /** The network in the file, which transforms may have made smaller; FLOPs are those of a dense runtime. */
  network: NetworkSize;
  check: ExportCheck;
}

export interface CardSnippet {
  title: string;
  language: string;
  code: string;
}
