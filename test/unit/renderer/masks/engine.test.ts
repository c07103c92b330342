import { describe, expect, it } from 'vitest';
import type { PackedMask } from '../../../../shared/masks.ts';
import { countOnes } from '../../../../renderer/masks/bits.ts';
import { MaskEngine } from '../../../../renderer/masks/engine.ts';
import { MaskSource } from '../../../../renderer/masks/source.ts';
import { Rpc } from '../../../../renderer/masks/rpc.ts';
import { LruCache } from '../../../../renderer/masks/lru.ts';
import type { Scene } from '../../../../renderer/masks/scene.ts';
import { entriesOf, randomMask, testPalette } from './random-masks.ts';

const steps = [0, 10, 20, 30];
const shape = [40, 50];
const mask = (step: number) => randomMask(40, 50, 0.2, 100 + step);

function engine() {
  const asked: number[] = [];
  const made = new MaskEngine({
    async mask({ step }): Promise<PackedMask> {
      asked.push(step);
      if (!steps.includes(step)) throw new Error(`no snapshot at ${step}`);
      const matrix = mask(step);
      return { step, nnz: countOnes(matrix.bits), ...matrix };
    },
    values: async () => Float32Array.from(entriesOf(mask(30)), (alive, i) => alive * Math.cos(i)),
  });
  made.setPalette(testPalette);
  return { engine: made, asked };
}

const scene = (step: number, coloring: Scene['coloring'] = { kind: 'mask' }): Scene => ({
  mask: { run: 'r', layer: 'fc', step },
  shape,
  arrangement: 'matrix',
  field: undefined,
  coloring,
});
const root = { level: 0, row: 0, column: 0 };

describe('the mask engine', () => {
  it('asks for a mask once, whatever is computed from it', async () => {
    const { engine: masks, asked } = engine();
    const ref = { run: 'r', layer: 'fc', step: 10 };
    await Promise.all([
      masks.tile(scene(10), root),
      masks.tile(scene(10), { level: 1, row: 0, column: 0 }),
      masks.statistics(ref),
      masks.patterns(ref, shape),
      masks.marginals(scene(10)),
    ]);
    expect(asked).toEqual([10]);
    await expect(masks.statistics({ ...ref, step: 11 })).rejects.toThrow('no snapshot at 11');
    await expect(masks.statistics({ ...ref, step: 11 })).rejects.toThrow('no snapshot at 11');
    expect(asked).toEqual([10, 11, 11]);
    masks.forget('r');
    await masks.statistics(ref);
    expect(asked.at(-1)).toBe(10);
  });

  it('answers about the past while the present is being asked for', async () => {
    const { engine: masks } = engine();
    const age = (count: number) =>
      masks.tile(scene(steps[count - 1], { kind: 'age', steps: steps.slice(0, count) }), root);
    const together = await Promise.all([age(4), age(2), age(3)]);
    for (const [i, count] of [4, 2, 3].entries()) {
      const { engine: alone } = engine();
      const coloring = { kind: 'age', steps: steps.slice(0, count) } as const;
      expect(together[i].pixels).toEqual((await alone.tile(scene(steps[count - 1], coloring), root)).pixels);
    }
    const { points } = await masks.history({ run: 'r', layer: 'fc', steps });
    expect(points.map(({ step }) => step)).toEqual(steps);
  });

  it('paints every colouring at every level', async () => {
    const { engine: masks } = engine();
    const colorings: Scene['coloring'][] = [
      { kind: 'mask' },
      { kind: 'weights', checkpoint: 30 },
      { kind: 'age', steps },
      { kind: 'flips', steps },
      { kind: 'difference', other: { run: 'q', layer: 'fc', step: 0 } },
      { kind: 'pattern', pattern: { n: 2, m: 4 } },
    ];
    for (const coloring of colorings) {
      for (const level of [0, 1]) {
        const tile = await masks.tile(scene(30, coloring), { level, row: 0, column: 0 });
        expect([tile.width, tile.height]).toEqual([50 / 2 ** level, 40 / 2 ** level]);
        expect(tile.full).toBeGreaterThan(0);
        expect(new Set(tile.pixels).size).toBeGreaterThan(1);
      }
    }
  });

  it('counts marginals of a difference by part', async () => {
    const { engine: masks } = engine();
    const other = { run: 'r', layer: 'fc', step: 20 };
    const parts = await masks.marginals(scene(0, { kind: 'difference', other }));
    expect(parts.map(({ part }) => part)).toEqual(['kept', 'born', 'died']);
    const total = (list: Uint32Array) => list.reduce((a, b) => a + b, 0);
    const { kept, born, died } = await masks.difference(scene(0).mask, other);
    expect(parts.map(({ rows }) => total(rows))).toEqual([kept, born, died]);
    expect(parts.map(({ columns }) => total(columns))).toEqual([kept, born, died]);
  });

  it('reports a layer at all snapshots', async () => {
    const { engine: masks } = engine();
    const report = await masks.report({ run: 'r', layer: 'fc', steps });
    expect(report.map(({ step, nnz }) => [step, nnz])).toEqual(
      steps.map((step) => [step, countOnes(mask(step).bits)]),
    );
  });
});

describe('the source of masks', () => {
  it('fetches what is wanted together in one call, and keeps it', async () => {
    const calls: number[][] = [];
    const call = async (_name: string, input: { steps: number[] }) => {
      calls.push(input.steps);
      return input.steps.map((step) => ({ step, ...mask(step) }));
    };
    const source = new MaskSource({ call: call as never });
    const ref = (step: number) => ({ run: 'r', layer: 'fc', step });
    expect(source.peek(ref(10))).toBeUndefined();
    await Promise.all([source.mask(ref(0)), source.mask(ref(10)), source.mask(ref(0))]);
    expect(calls).toEqual([[0, 10]]);
    expect(source.peek(ref(10))?.step).toBe(10);
    source.forget('r');
    expect(source.peek(ref(10))).toBeUndefined();
  });
});

describe('calls over a port', () => {
  it('go both ways and carry errors', async () => {
    const { port1, port2 } = new MessageChannel();
    type Left = { twice: { input: number; output: number } };
    type Right = { fail: { input: string; output: never }; ask: { input: number; output: number } };
    const left: Rpc<Right, Left> = new Rpc<Right, Left>(port1, { twice: (n) => 2 * n });
    const right: Rpc<Left, Right> = new Rpc<Left, Right>(port2, {
      fail: (text) => Promise.reject(new Error(text)),
      ask: (n) => right.call('twice', n),
    });
    expect(await left.call('ask', 21)).toBe(42);
    await expect(left.call('fail', 'no such mask')).rejects.toThrow('no such mask');
    const open = left.call('ask', 1);
    left.fail('closed');
    await expect(open).rejects.toThrow('closed');
    port1.close();
  });
});

describe('the cache', () => {
  it('lets go of what was not used for longest', () => {
    const gone: string[] = [];
    const cache = new LruCache<string>(10, (value) => gone.push(value));
    cache.set('a', 'A', 4);
    cache.set('b', 'B', 4);
    cache.get('a');
    cache.set('c', 'C', 4);
    expect(gone).toEqual(['B']);
    cache.set('d', 'D', 40);
    expect(gone).toEqual(['B', 'A', 'C']);
    expect(cache.get('d')).toBe('D');
    cache.deleteWhere((key) => key === 'd');
    expect(cache.size).toBe(0);
  });
});
