import type { Fields, ValuesOf } from '../../shared/fields.ts';
import type { Shape } from '../models/graph.ts';

/** Samples are raw (pixels 0..255 as bytes, or float features), sample-major [count][channels · height · width]. */
export interface Split {
  samples: Uint8Array | Float32Array;
  labels: Int32Array;
  count: number;
}

export interface Dataset {
  /** Registry id. */
  id: string;
  title: string;
  shape: Shape;
  classNames: readonly string[];
  train: Split;
  test: Split;
  /** x ← x · scale[c] + shift[c]: zero mean and unit variance per channel over the training split. */
  normalization: { scale: readonly number[]; shift: readonly number[] };
  /** SHA-256 over both splits (samples and labels): part of a run's record. */
  sha256: string;
  /** Where it was found, for the log: a folder, `embedded`, or `generated`. */
  origin: string;
}

export interface LoadEnvironment {
  /** The user's data folder; downloads are kept here, one sub-folder per data set. */
  dataFolder: string;
  /** False refuses any network access. */
  allowDownload: boolean;
  signal?: AbortSignal;
  /** Called often; `fraction` is 0..1 of the whole load where it is known. */
  onProgress?(progress: { text: string; fraction: number | undefined }): void;
}

/** What a network needs to know of a data set, without its samples. */
export interface DatasetOutline {
  shape: Shape;
  classes: number;
  trainCount: number;
  testCount: number;
}

/** One source of data; adding one is one file in `datasets/`, one line in `registry.ts` and one test. */
export interface DatasetSource<F extends Fields = Fields> {
  id: string;
  title: string;
  summary: string;
  licence: string;
  /** Always starts with `folder` (text, '' = search the usual places) where files are involved. */
  fields: F;
  /** True where `load` can fetch what is missing. */
  downloadable?: boolean;
  /** Present where the settings alone decide it. */
  outline?(values: ValuesOf<F>): DatasetOutline;
  /** Finds it by looking at the files; left out where only loading tells. */
  survey?(values: ValuesOf<F>, environment: LoadEnvironment): Promise<DatasetOutline>;
  /**
   * What `load` would read, by a glance at names and not at content: a folder or file, `embedded`, `generated`;
   * undefined where nothing is there.
   */
  locate(values: ValuesOf<F>, dataFolder: string): string | undefined;
  load(values: ValuesOf<F>, environment: LoadEnvironment): Promise<Dataset>;
}

export function defineDataset<const F extends Fields>(source: DatasetSource<F>): DatasetSource<F> {
  return source;
}
