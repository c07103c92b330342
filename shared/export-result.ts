import type { ModelCard } from './model-card.ts';

/** An export and its self-check. */
export interface ExportReport {
  format: string;
  /** The file to open; the first of `files`. */
  path: string;
  /** Everything that was written; some formats keep weights in files beside the main one. */
  files: { path: string; bytes: number; sha256: string }[];
  /** Of all files. */
  bytes: number;
  /** Transforms that the network went through before it was written, in this order. */
  transforms: string[];
  /** Of the linear and convolution weights as written: entries inside the masks, all entries, and their ratio. */
  nnz: number;
  weights: number;
  density: number;
  check: ExportCheck;
}

/** What reading the files back has shown; an export that fails it is not written. */
export interface ExportCheck {
  /** Arrays in the file, all with the name, shape and values they have in the model, and the non-zeros in them. */
  arrays: number;
  nonzero: number;
  /** The forward pass from what was read back; absent for formats that hold no whole network. */
  forward?: ForwardCheck;
}

export interface ForwardCheck {
  /** What computed logits from the file: `ONNX Runtime 1.30.0`. */
  by: string;
  /** Why that is not the library which the format is made for. */
  instead?: string;
  samples: number;
  /** What they were: `test samples of Fashion-MNIST`, `seeded noise`. */
  source: string;
  /** Largest difference from the logits of the model before any transform, and the largest that passes. */
  maxDifference: number;
  tolerance: number;
}

export interface WrittenExport extends ExportReport {
  /** Bytes of all parameters of the trained model stored densely in float32. */
  denseBytes: number;
  /** Lies beside the export as Markdown and JSON. */
  card: { content: ModelCard; markdown: string; paths: string[] };
}

export interface ExportResult extends WrittenExport {
  /** File name without its folder. */
  file: string;
  /** Loads the file; ready to paste. */
  snippet: { language: string; code: string };
  /**
   * In the browser shell, for each file, the card's included: a path on the same origin that downloads it, once, within
   * ten minutes.
   */
  downloads: { name: string; url: string }[];
}

/** A network as a dense runtime executes it. */
export interface NetworkSize {
  /** Weights, biases and batch-norm scales and shifts. */
  parameters: number;
  /** Of a forward pass of one sample. */
  inferenceFlops: number;
}

/** What transforms would make of a network. */
export interface ExportPreview {
  before: NetworkSize;
  after: NetworkSize;
  /** Linear layers and convolutions that lose units or filters: how many they have. */
  removed: { name: string; before: number; after: number }[];
}
