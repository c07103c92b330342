import type { Values } from './fields.ts';

/** A data set as the data page lists it: a registry entry, or an import under its name. */
export interface DatasetInfo {
  /** The registry id, or the import's name. */
  name: string;
  title: string;
  summary: string;
  licence: string;
  dataset: { id: string; values: Values };
  imported: boolean;
  /**
   * - ready: embedded, generated, or its files are here;
   * - downloadable: its files can be fetched;
   * - needs-folder: it needs a setting, usually a folder, before it can be loaded.
   */
  state: 'ready' | 'downloadable' | 'needs-folder';
  /** Where it is: a folder, `embedded`, `generated`, or ''. */
  origin: string;
  /** Bytes in the data folder of this workspace. */
  bytes: number;
  shape: readonly number[] | undefined;
  classes: number | undefined;
  trainCount: number | undefined;
  testCount: number | undefined;
}

export interface DatasetPreview {
  title: string;
  /** [channels, height, width]; features without an image are [features, 1, 1]. */
  shape: readonly number[];
  classNames: readonly string[];
  trainCount: number;
  testCount: number;
  /** Samples per class of the chosen split. */
  classCounts: number[];
  origin: string;
  sha256: string;
  /** The asked samples: [count][channels · height · width], bytes; features are scaled to 0..255 per feature. */
  samples: Uint8Array;
  labels: Int32Array;
  /** Positions of these samples in the split. */
  indices: Int32Array;
  /** Samples that match, of which these are a page. */
  matching: number;
}
