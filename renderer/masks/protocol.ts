import type { PackedMask } from '../../shared/masks.ts';
import type { Palette } from './color.ts';
import type { FilterSummary } from './convolution.ts';
import type { Difference } from './difference.ts';
import type {
  LayerHistory,
  LayerSnapshots,
  Marginals,
  MaskStatistics,
  PatternChecks,
  ReportRow,
} from './engine.ts';
import type { MaskRef, Scene } from './scene.ts';
import type { TileAddress } from './tiles.ts';

/** A tile as the page draws it. */
export interface TileBitmap {
  bitmap: ImageBitmap;
  full: number;
  ms: number;
}

interface Call<Input, Output> {
  input: Input;
  output: Output;
}

/** What the page asks a worker. */
export type EngineCalls = {
  setPalette: Call<Palette, void>;
  forget: Call<string, void>;
  tile: Call<{ scene: Scene; at: TileAddress }, TileBitmap>;
  marginals: Call<Scene, Marginals>;
  statistics: Call<MaskRef, MaskStatistics>;
  difference: Call<{ a: MaskRef; b: MaskRef }, Difference>;
  patterns: Call<{ mask: MaskRef; shape: readonly number[] }, PatternChecks>;
  filters: Call<{ mask: MaskRef; shape: readonly number[] }, FilterSummary>;
  history: Call<LayerSnapshots, LayerHistory>;
  report: Call<LayerSnapshots, ReportRow[]>;
};

/** What a worker asks the page. */
export type SupplyCalls = {
  mask: Call<MaskRef, PackedMask>;
  values: Call<{ run: string; layer: string }, Float32Array>;
};
