import type { EngineWorker } from '../../masks/client.ts';
import { LruCache } from '../../masks/lru.ts';
import type { TileBitmap } from '../../masks/protocol.ts';
import { sceneKey, type Scene } from '../../masks/scene.ts';
import type { TileAddress } from '../../masks/tiles.ts';

const keptTiles = 400;
/** Few at once, so that a view that moved on does not wait for tiles that nobody looks at any more. */
const atOnce = 4;

interface Wanted {
  key: string;
  scene: Scene;
  at: TileAddress;
}

/** Tiles that were painted, and a queue of those that are missing. */
export class TileStore {
  readonly #engine: Pick<EngineWorker, 'call'>;
  readonly #arrived: () => void;
  readonly #tiles = new LruCache<TileBitmap>(keptTiles, ({ bitmap }) => bitmap.close());
  readonly #failed = new Set<string>();
  readonly #asked = new Set<string>();
  #wanted: Wanted[] = [];
  /** Distinguishes tiles of one theme from those of another. */
  #theme = '';

  /** @param arrived is told of every new tile */
  constructor(engine: Pick<EngineWorker, 'call'>, arrived: () => void) {
    this.#engine = engine;
    this.#arrived = arrived;
  }

  get(scene: Scene, at: TileAddress): TileBitmap | undefined {
    return this.#tiles.get(this.#key(scene, at));
  }

  /** Asks for tiles in this order; what was wanted before and has not been asked for yet is dropped. */
  want(tiles: readonly { scene: Scene; at: TileAddress }[]): void {
    this.#wanted = tiles
      .map(({ scene, at }) => ({ key: this.#key(scene, at), scene, at }))
      .filter(({ key }) => !this.#tiles.get(key) && !this.#failed.has(key));
    this.#askForMore();
  }

  /** Colours changed: every tile has to be painted again. */
  setTheme(theme: string): void {
    this.#theme = theme;
  }

  clear(): void {
    this.#tiles.deleteWhere(() => true);
    this.#failed.clear();
  }

  #key(scene: Scene, { level, row, column }: TileAddress): string {
    return `${this.#theme} ${sceneKey(scene)} ${level}/${row}/${column}`;
  }

  #askForMore(): void {
    while (this.#asked.size < atOnce) {
      const next = this.#wanted.shift();
      if (!next) return;
      if (!this.#asked.has(next.key)) void this.#ask(next);
    }
  }

  async #ask({ key, scene, at }: Wanted): Promise<void> {
    this.#asked.add(key);
    try {
      const tile = await this.#engine.call('tile', { scene, at });
      this.#tiles.set(key, tile);
      // For observers (benchmarks); the buffer of entries would grow for as long as the window is open.
      performance.measure('mask-tile', { start: performance.now() - tile.ms, duration: tile.ms });
      performance.clearMeasures('mask-tile');
    } catch {
      // What the tile shows (a mask, weights) could not be read; whoever shows the layer says so.
      this.#failed.add(key);
    }
    this.#asked.delete(key);
    this.#arrived();
    this.#askForMore();
  }
}
