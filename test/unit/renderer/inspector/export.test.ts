import { describe, expect, it } from 'vitest';
import type { MaskLayer } from '../../../../shared/masks.ts';
import { matrixPng, reportCsv } from '../../../../renderer/views/inspector/export.ts';
import { sortFacts, type LayerFacts } from '../../../../renderer/views/inspector/layer-facts.ts';

const layer = { name: 'fc "1".weight', rows: 4, columns: 5 } as MaskLayer;

describe('files of the inspector', () => {
  it('have statistics of every layer and snapshot', () => {
    const row = {
      step: 10,
      nnz: 5,
      born: 1,
      died: 2,
      regrown: 0,
      explored: 0.5,
      deadRows: 1,
      deadColumns: 0,
      rowGini: 0.1,
      columnGini: 0.2,
    };
    const [head, first, second, end] = reportCsv([{ layer, rows: [row, { ...row, step: 20 }] }]).split('\n');
    expect(head.split(',')).toHaveLength(first.split(',').length);
    expect(first).toBe('"fc ""1"".weight",10,4,5,5,0.25,1,2,0,0.5,1,0,0.1,0.2');
    expect(second).toContain(',20,');
    expect(end).toBe('');
  });

  it('are refused where a browser could not draw them', async () => {
    const engine = { call: () => Promise.reject(new Error('asked')) } as never;
    await expect(matrixPng(engine, {} as never, { rows: 9000, columns: 10 })).rejects.toThrow('at most 8192');
  });
});

describe('the layer list', () => {
  const fact = (name: string, density: number, deadRows: number | undefined) =>
    ({ layer: { name }, density, deadRows }) as LayerFacts;
  const facts = [fact('conv10', 0.2, undefined), fact('conv2', 0.9, 3), fact('fc', 0.1, 0)];
  const names = (list: LayerFacts[]) => list.map(({ layer: { name } }) => name);

  it('is sorted by any column, what is not known yet last', () => {
    expect(names(sortFacts(facts, undefined, true))).toEqual(['conv10', 'conv2', 'fc']);
    expect(names(sortFacts(facts, 'name', false))).toEqual(['conv2', 'conv10', 'fc']);
    expect(names(sortFacts(facts, 'density', true))).toEqual(['conv2', 'conv10', 'fc']);
    expect(names(sortFacts(facts, 'deadRows', true))).toEqual(['conv2', 'fc', 'conv10']);
    expect(names(sortFacts(facts, 'deadRows', false))).toEqual(['fc', 'conv2', 'conv10']);
  });
});
