import type { Fields, Values } from './fields.ts';

/** Everything a run can be made of, as data: forms are drawn from it. */
export interface Catalog {
  models: CatalogEntry[];
  datasets: CatalogEntry[];
  methods: MethodEntry[];
  training: Fields;
  schedule: Fields;
  augmentation: Fields;
  engine: Fields;
  presets: PresetEntry[];
  exporters: ExporterEntry[];
  /** What a network can go through before it is written in any format. */
  transforms: { id: string; title: string; summary: string }[];
}

export interface CatalogEntry {
  id: string;
  title: string;
  summary: string;
  paper?: { title: string; reference: string };
  fields: Fields;
}

export interface MethodEntry extends CatalogEntry {
  paper: { title: string; reference: string };
  taxonomy: {
    start: 'dense' | 'sparse';
    end: 'dense' | 'sparse';
    topology: 'none' | 'static' | 'dynamic';
    structure: 'unstructured' | 'structured';
  };
  /** True where the method is ours rather than published. */
  extension: boolean;
}

export interface PresetEntry {
  id: string;
  title: string;
  /** A raw run config: `{ model: { id, ...settings }, dataset, method, training, schedule }`. */
  config: {
    model: { id: string } & Values;
    dataset: { id: string } & Values;
    method: { id: string } & Values;
    training: Values;
    schedule: Values;
  };
  /** Acceptance over three seeds, percent. */
  expect?: {
    accuracyMin: number;
    nonzeroMin?: number;
    nonzeroMax?: number;
    flopsMin?: number;
    flopsMax?: number;
  };
  source: string;
}

/** Whole networks for frameworks, sparse storage, and what is for looking at. */
export type ExporterGroup = 'framework' | 'sparse' | 'analysis';

export interface ExporterEntry {
  id: string;
  title: string;
  group: ExporterGroup;
  summary: string;
  /** With the dot. */
  extension: string;
  /** Code that loads such a file, to copy; `{file}` stands for its path. */
  snippet: { language: string; code: string };
}
