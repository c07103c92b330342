import { describe, expect, it } from 'vitest';
import {
  maxCompared,
  readCompareState,
  writeCompareState,
  type CompareState,
} from '../../../../renderer/runs/compare-state.ts';
import { configDiff } from '../../../../renderer/runs/config-diff.ts';
import { runRow } from '../runs/rows.ts';

describe('the address of a comparison', () => {
  it('keeps everything', () => {
    const state: CompareState = {
      ids: ['A', 'B', 'C'],
      base: 'B',
      hidden: ['C'],
      series: ['train/loss', 'density/fc1.weight'],
      x: 'flops',
      log: true,
      smoothing: 0.9,
      all: true,
    };
    expect(readCompareState(writeCompareState(state))).toEqual(state);
    const usual = readCompareState({ ids: 'A,B' });
    expect(writeCompareState(usual)).toEqual({ ids: 'A,B' });
    expect(readCompareState(writeCompareState({ ...usual, series: [] })).series).toEqual([]);
  });

  it('survives what people do to addresses', () => {
    expect(
      readCompareState({ ids: 'A,A,,B', base: 'Z', hidden: 'Q,B', smooth: '7', x: 'moon' }),
    ).toMatchObject({
      ids: ['A', 'B'],
      base: 'A',
      hidden: ['B'],
      smoothing: 0,
      x: 'step',
    });
    const many = Array.from({ length: 50 }, (_, i) => `r${i}`).join(',');
    expect(readCompareState({ ids: many }).ids).toHaveLength(maxCompared);
  });
});

describe('config diff', () => {
  it('groups settings, says which differ, and keeps what only some runs have', () => {
    const runs = [
      runRow({ method: 'rigl', settings: { name: 'a', 'method.density': 0.1, 'schedule.decay': 'cosine' } }),
      runRow({
        method: 'sgd',
        settings: { name: 'b', 'method.learningRate': 0.1, 'schedule.decay': 'cosine' },
      }),
    ];
    const diff = configDiff(runs);
    expect(diff.map(({ group }) => group)).toEqual(['method', 'training', 'schedule']);
    expect(diff[0].rows).toEqual([
      { key: 'method.id', values: ['rigl', 'sgd'], differs: true },
      { key: 'method.density', values: [0.1, undefined], differs: true },
      { key: 'method.learningRate', values: [undefined, 0.1], differs: true },
    ]);
    expect(diff[2].rows).toEqual([{ key: 'schedule.decay', values: ['cosine', 'cosine'], differs: false }]);
  });

  it('of one run or of equal runs has no differences', () => {
    expect(
      configDiff([runRow()])
        .flatMap(({ rows }) => rows)
        .some(({ differs }) => differs),
    ).toBe(false);
    expect(
      configDiff([runRow(), runRow()])
        .flatMap(({ rows }) => rows)
        .some(({ differs }) => differs),
    ).toBe(false);
  });
});
