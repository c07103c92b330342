import type { PackedMask } from '../../shared/masks.ts';
import { arrange, rearrange } from './arrangement.ts';
import { splitDifference, type BitMatrix } from './bits.ts';
import type { Palette } from './color.ts';
import { summarizeFilters, type FilterSummary } from './convolution.ts';
import { degrees, summarizeDegrees, type Degrees, type DegreeSummary } from './degrees.ts';
import { difference, type Difference } from './difference.ts';
import { MaskHistory, type ChurnPoint, type SurvivalPoint } from './history.ts';
import { LruCache, remember } from './lru.ts';
import {
  checkBlocks,
  checkFanIn,
  checkGroups,
  groupPatterns,
  withoutViolations,
  type BlockCheck,
  type FanInCheck,
  type GroupCheck,
} from './patterns.ts';
import {
  agePicture,
  differencePicture,
  flipsPicture,
  maskPicture,
  weightsPicture,
  type Picture,
  type PictureTile,
} from './picture.ts';
import { maskKey, sceneKey, type MaskRef, type Scene } from './scene.ts';
import type { TileAddress } from './tiles.ts';

/** Where an engine gets masks and weights from. */
export interface MaskSupply {
  mask(ref: MaskRef): Promise<PackedMask>;
  values(layer: { run: string; layer: string }): Promise<Float32Array>;
}

/** All snapshots of a layer, ascending. */
export interface LayerSnapshots {
  run: string;
  layer: string;
  steps: readonly number[];
}

export interface MaskStatistics {
  nnz: number;
  degrees: Degrees;
  rows: DegreeSummary;
  columns: DegreeSummary;
}

export interface PatternChecks {
  groups: GroupCheck[];
  blocks: BlockCheck[];
  fanIn: FanInCheck;
}

export interface LayerHistory {
  points: ChurnPoint[];
  survival: SurvivalPoint[];
}

/** One line of the statistics table: a layer at a snapshot. */
export interface ReportRow extends ChurnPoint {
  deadRows: number;
  deadColumns: number;
  rowGini: number;
  columnGini: number;
}

/** Ones per row and column: of the mask, or of its kept, born and died parts. */
export type Marginals = {
  part: 'mask' | 'kept' | 'born' | 'died';
  rows: Uint32Array;
  columns: Uint32Array;
}[];

const megabyte = 2 ** 20;
/** Snapshots of a history that are asked for together. */
const fetchedAtOnce = 16;
const sizeOf = (mask: BitMatrix) => mask.bits.byteLength;

/**
 * Everything the inspector computes from masks. It runs in a worker, remembers what it was given and what it built
 * from it within fixed amounts of memory, and asks its supply for masks it does not have.
 */
export class MaskEngine {
  readonly #supply: MaskSupply;
  readonly #masks = new LruCache<Promise<BitMatrix>>(128 * megabyte);
  readonly #pictures = new LruCache<Promise<Picture>>(160 * megabyte);
  readonly #histories = new LruCache<Promise<MaskHistory | undefined>>(4);
  #palette: Palette | undefined;

  constructor(supply: MaskSupply) {
    this.#supply = supply;
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  /** Drops what is known of a run: its history was cut back. */
  forget(run: string): void {
    const ofRun = (key: string) => key.includes(run);
    this.#masks.deleteWhere(ofRun);
    this.#pictures.deleteWhere(ofRun);
    this.#histories.deleteWhere(ofRun);
  }

  /** Part of a picture; `setPalette` has to come first. */
  async tile(scene: Scene, at: TileAddress): Promise<PictureTile> {
    const picture = await this.#picture(scene);
    const start = performance.now();
    const tile = picture.tile(at, this.#palette!);
    return { ...tile, ms: performance.now() - start };
  }

  async marginals(scene: Scene): Promise<Marginals> {
    const { mask, coloring, shape, arrangement, field } = scene;
    const arranged = arrange(arrangement, shape, field);
    const a = rearrange(await this.#mask(mask), arranged);
    if (coloring.kind !== 'difference') return [{ part: 'mask', ...degrees(a) }];
    const parts = splitDifference(a, rearrange(await this.#mask(coloring.other), arranged));
    return (['kept', 'born', 'died'] as const).map((part) => ({ part, ...degrees(parts[part]) }));
  }

  async statistics(ref: MaskRef): Promise<MaskStatistics> {
    const mask = await this.#mask(ref);
    const counted = degrees(mask);
    return {
      nnz: counted.rows.reduce((a, b) => a + b, 0),
      degrees: counted,
      rows: summarizeDegrees(counted.rows),
      columns: summarizeDegrees(counted.columns),
    };
  }

  async difference(a: MaskRef, b: MaskRef): Promise<Difference> {
    return difference(await this.#mask(a), await this.#mask(b));
  }

  async patterns(ref: MaskRef, shape: readonly number[]): Promise<PatternChecks> {
    const mask = await this.#mask(ref);
    const grouped = shape.length > 2 ? rearrange(mask, arrange('channels', shape)) : mask;
    return {
      groups: groupPatterns.map((pattern) => checkGroups(grouped, pattern)),
      blocks: checkBlocks(mask),
      fanIn: checkFanIn(degrees(mask).rows),
    };
  }

  async filters(ref: MaskRef, shape: readonly number[]): Promise<FilterSummary> {
    return summarizeFilters(await this.#mask(ref), shape);
  }

  history(layer: LayerSnapshots): Promise<LayerHistory> {
    return this.#withHistory(layer, (history) => ({
      points: [...history.points],
      survival: history.survival(),
    }));
  }

  /** Statistics of a layer at all of its snapshots. */
  async report(layer: LayerSnapshots): Promise<ReportRow[]> {
    const { points } = await this.history(layer);
    const rows: ReportRow[] = [];
    for (const point of points) {
      const { rows: row, columns } = await this.statistics({ ...layer, step: point.step });
      rows.push({
        ...point,
        deadRows: row.dead,
        deadColumns: columns.dead,
        rowGini: row.gini,
        columnGini: columns.gini,
      });
    }
    return rows;
  }

  #mask(ref: MaskRef): Promise<BitMatrix> {
    return remember(
      this.#masks,
      maskKey(ref),
      () => this.#supply.mask(ref),
      (mask) => sizeOf(mask),
    );
  }

  #picture(scene: Scene): Promise<Picture> {
    return remember(
      this.#pictures,
      sceneKey(scene),
      () => this.#paint(scene),
      (picture) => picture.bytes,
    );
  }

  async #paint({ mask: ref, coloring, shape, arrangement, field }: Scene): Promise<Picture> {
    const arranged = arrange(arrangement, shape, field);
    const stored = await this.#mask(ref);
    const mask = rearrange(stored, arranged);
    switch (coloring.kind) {
      case 'mask':
        return maskPicture(mask);
      case 'weights':
        return weightsPicture(mask, arranged, await this.#supply.values(ref));
      case 'age': {
        const layer = { ...ref, steps: coloring.steps };
        const since = await this.#withHistory(layer, (history) => history.sinceSteps());
        return agePicture(mask, arranged, since, ref.step);
      }
      case 'flips': {
        const layer = { ...ref, steps: coloring.steps };
        return flipsPicture(
          mask,
          arranged,
          await this.#withHistory(layer, (history) => history.flipCounts()),
        );
      }
      case 'difference':
        return differencePicture(mask, rearrange(await this.#mask(coloring.other), arranged));
      case 'pattern': {
        const groups = shape.length > 2 ? arrange('channels', shape) : arrange('matrix', shape);
        const kept = withoutViolations(rearrange(stored, groups), coloring.pattern);
        return differencePicture(mask, rearrange(kept, arranged, groups));
      }
    }
  }

  /**
   * Reads something from the history up to the last of these snapshots. Calls of one layer wait for each other,
   * because the history is one object that moves on; it starts anew only to go back.
   */
  #withHistory<T>(layer: LayerSnapshots, read: (history: MaskHistory) => T): Promise<T> {
    const key = `${layer.run}/${layer.layer}`;
    const before = this.#histories.get(key) ?? Promise.resolve(undefined);
    const folded = before.catch(() => undefined).then((known) => this.#fold(known, layer));
    const result = folded.then(read);
    this.#histories.set(key, folded);
    return result;
  }

  async #fold(known: MaskHistory | undefined, { run, layer, steps }: LayerSnapshots): Promise<MaskHistory> {
    const first = await this.#mask({ run, layer, step: steps[0] });
    const goesOn = known?.points.every((point, i) => point.step === steps[i]);
    const history = goesOn ? known! : new MaskHistory(first.rows, first.columns);
    const next = steps.slice(history.points.length);
    for (let i = 0; i < next.length; i += fetchedAtOnce) {
      const some = next.slice(i, i + fetchedAtOnce);
      const masks = await Promise.all(some.map((step) => this.#mask({ run, layer, step })));
      some.forEach((step, j) => history.push(step, masks[j]));
    }
    return history;
  }
}
