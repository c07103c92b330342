import { describe, expect, it, vi } from 'vitest';
import type { Scene } from '../../../../renderer/masks/scene.ts';
import { TileStore } from '../../../../renderer/views/inspector/tile-store.ts';

const scene: Scene = {
  mask: { run: 'r', layer: 'fc', step: 0 },
  shape: [2000, 2000],
  arrangement: 'matrix',
  field: undefined,
  coloring: { kind: 'mask' },
};
const at = (column: number) => ({ level: 0, row: 0, column });
const wanted = (...columns: number[]) => columns.map((column) => ({ scene, at: at(column) }));

/** An engine that answers when it is told to. */
function slowEngine() {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const closed: number[] = [];
  const call = (_name: string, input: { at: { column: number } }) => {
    const { column } = input.at;
    asked.push(column);
    return new Promise((resolve, reject) =>
      answers.push(() =>
        column === 13
          ? reject(new Error('no mask'))
          : resolve({ bitmap: { close: () => closed.push(column) }, full: 1, ms: 0.5 }),
      ),
    );
  };
  return { call: call as never, asked, answers, closed };
}
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('tiles', () => {
  it('are asked for a few at a time, and not at all once nobody looks', async () => {
    const engine = slowEngine();
    const arrived = vi.fn();
    const tiles = new TileStore(engine, arrived);
    tiles.want(wanted(0, 1, 2, 3, 4, 5, 6));
    expect(engine.asked).toEqual([0, 1, 2, 3]);
    tiles.want(wanted(20, 21));
    engine.answers.forEach((answer) => answer());
    await settle();
    expect(engine.asked).toEqual([0, 1, 2, 3, 20, 21]);
    expect(arrived).toHaveBeenCalledTimes(4);
    expect(tiles.get(scene, at(2))).toBeDefined();
    tiles.want(wanted(0, 1, 2, 3));
    expect(engine.asked).toHaveLength(6);
  });

  it('that cannot be painted are not asked for again and again', async () => {
    const engine = slowEngine();
    const tiles = new TileStore(engine, () => undefined);
    tiles.want(wanted(13));
    engine.answers[0]();
    await settle();
    tiles.want(wanted(13));
    expect(engine.asked).toEqual([13]);
  });

  it('are told to be painted anew in another theme, and are released', async () => {
    const engine = slowEngine();
    const tiles = new TileStore(engine, () => undefined);
    tiles.want(wanted(1));
    engine.answers[0]();
    await settle();
    tiles.setTheme('dark');
    expect(tiles.get(scene, at(1))).toBeUndefined();
    tiles.clear();
    expect(engine.closed).toEqual([1]);
  });

  it('report the time they took', async () => {
    const entries: number[] = [];
    const observer = new PerformanceObserver((list) =>
      entries.push(...list.getEntriesByName('mask-tile').map(({ duration }) => duration)),
    );
    observer.observe({ entryTypes: ['measure'] });
    const engine = slowEngine();
    const tiles = new TileStore(engine, () => undefined);
    tiles.want(wanted(1));
    engine.answers[0]();
    await vi.waitFor(() => expect(entries).toEqual([0.5]));
    observer.disconnect();
    expect(performance.getEntriesByName('mask-tile')).toEqual([]);
  });
});
