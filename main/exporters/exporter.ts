import type { ExporterGroup } from '../../shared/catalog.ts';
import type { TrainedModel } from './trained-model.ts';

/** One file format; adding one is one file in `exporters/`, one line in `registry.ts` and one test. */
export interface Exporter {
  id: string;
  title: string;
  group: ExporterGroup;
  /** What is in the file and who loads it. */
  summary: string;
  /** With the dot. */
  extension: string;
  /** Code that loads such a file; `{file}` stands for its path, inside a string literal. */
  snippet: { language: string; code: string };
  /** What of a model the format holds, where that is not every tensor: such files hold no network that can run. */
  holds?(model: TrainedModel): HeldArray[];
  /**
   * The same model and name give the same bytes.
   * @param name of the main file, without folder
   * @returns the main file first
   */
  encode(model: TrainedModel, name: string): ExportedFile[];
  /** Reads files back into what the format holds; by default `namedTensors`, every tensor dense. */
  decode(files: ReadFiles): HeldArray[];
  /** The library that such files are written for, if it can run in this process. */
  runtime?: Runtime;
}

/** A file in chunks. */
export interface ExportedFile {
  /** Without folder. */
  name: string;
  chunks: readonly Uint8Array[];
}

export interface ReadFiles {
  main: Uint8Array;
  /** A file beside the main one. @throws Error if the export has none of this name */
  beside(name: string): Uint8Array;
}

/** An array under the name it has in a file. */
export interface HeldArray {
  name: string;
  shape: readonly number[];
  values: Float32Array | Float64Array | Uint8Array;
}

/** Raw samples, sample-major [size][channels · height · width]. */
export interface Samples {
  values: Float32Array;
  size: number;
  /** What they are, to say so: `test samples of Fashion-MNIST`. */
  source: string;
}

export interface Runtime {
  /** Largest number of multiply-accumulates to ask for: a slow library gets fewer samples of a large network. */
  maxMacs?: number;
  /**
   * Loads the files and computes logits, [size][classes].
   * @param shape of one sample: [channels, height, width]
   * @throws RuntimeMissing where the library cannot be loaded
   */
  infer(
    files: ReadFiles,
    samples: Samples,
    shape: readonly [number, number, number],
  ): Promise<{ by: string; logits: Float32Array }>;
}

/** The library is not installed or does not run here. */
export class RuntimeMissing extends Error {}

/** What most formats are: one file. */
export const singleFile = (name: string, ...chunks: Uint8Array[]): ExportedFile[] => [{ name, chunks }];
