import { describe, expect, it } from 'vitest';
import { columnOf, columnsOf, defaultColumns } from '../../../../renderer/runs/columns.ts';
import { csv, markdownTable, runsCsv } from '../../../../renderer/runs/csv.ts';
import { aggregate, describe as spread, groupRows } from '../../../../renderer/runs/group.ts';
import { keepOrder } from '../../../../renderer/runs/keep-order.ts';
import { durationOf, progressOf } from '../../../../renderer/runs/progress.ts';
import { sortRows } from '../../../../renderer/runs/sort.ts';
import { writeAggregate, writeValue } from '../../../../renderer/runs/write-value.ts';
import { runRow } from './rows.ts';

const accuracy = columnOf('test/accuracy');
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('columns', () => {
  it('tell attributes, settings and metrics apart by their id', () => {
    const row = runRow({
      settings: { 'method.density': 0.1 },
      metrics: { 'test/loss': { last: 0.5, min: 0.4, max: 2 }, nonzeros: 12 },
    });
    expect(columnOf('method').value(row)).toBe('rigl');
    expect(columnOf('method.density').value(row)).toBe(0.1);
    expect(columnOf('test/loss').value(row)).toBe(0.5);
    expect(columnOf('test/loss.min').value(row)).toBe(0.4);
    expect(columnOf('nonzeros').value(row)).toBe(12);
    expect(columnOf('nothing/like.this').value(row)).toBeUndefined();
    expect(columnOf('constructor').value(row)).toBeUndefined();
    expect(columnOf('toString.x').value(row)).toBeUndefined();
    expect(columnOf('test/loss')).toBe(columnOf('test/loss'));
  });

  it('list everything that runs have, once', () => {
    const ids = columnsOf([
      runRow({ settings: { 'method.lambda': 1 }, metrics: { 'test/loss': 1 } }),
      runRow({ settings: { 'method.lambda': 2, 'model.widths': '[3]' }, metrics: { density: 1 } }),
    ]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(['method.lambda', 'model.widths', 'test/loss.min', 'density']),
    );
    expect(ids).not.toContain('method.id');
  });

  it('take titles and kinds of settings from the catalog', () => {
    const catalog = {
      methods: [{ fields: { lambda: { type: 'number', label: 'λ', default: 0, help: '' } } }],
      models: [],
      datasets: [],
    } as never;
    expect(columnOf('method.lambda', catalog)).toMatchObject({ title: 'λ', kind: 'number' });
    expect(columnOf('method.other', catalog)).toMatchObject({ title: 'method.other' });
  });

  it('of the default table can all be resolved', () => {
    for (const id of defaultColumns) expect(columnOf(id).title).not.toBe('');
  });
});

describe('progress', () => {
  // How long the rest takes is the estimator's to say: since the start there may have been pauses.
  it('is a share of the steps and a time since the start', () => {
    const row = runRow({ state: 'running', step: 250, endedMs: undefined, startedMs: 0 });
    expect(progressOf(row)).toBe(0.25);
    expect(progressOf({ ...row, totalSteps: undefined })).toBeUndefined();
    expect(durationOf(row, 1000)).toBe(1000);
    expect(durationOf({ ...row, state: 'queued', startedMs: undefined }, 1000)).toBeUndefined();
  });
});

describe('sorting', () => {
  const rows = [
    runRow({ method: 'b', seed: 1, metrics: { 'test/accuracy': 0.5 } }),
    runRow({ method: 'a', seed: 2, metrics: {} }),
    runRow({ method: 'b', seed: 3, metrics: { 'test/accuracy': 0.9 } }),
    runRow({ method: 'a', seed: 4, metrics: { 'test/accuracy': 0.5 } }),
    runRow({ method: 'a', seed: 5, metrics: { 'test/accuracy': NaN } }),
  ];
  const order = (...sorting: [string, boolean][]) =>
    sortRows(
      rows,
      sorting.map(([id, descending]) => ({ column: columnOf(id), descending })),
    ).map(({ seed }) => seed);

  it('is stable and goes column by column', () => {
    expect(order()).toEqual([1, 2, 3, 4, 5]);
    expect(order(['method', false])).toEqual([2, 4, 5, 1, 3]);
    expect(order(['method', true])).toEqual([1, 3, 2, 4, 5]);
    expect(order(['method', false], ['seed', true])).toEqual([5, 4, 2, 3, 1]);
  });

  it('puts missing values last either way', () => {
    expect(order(['test/accuracy', false])).toEqual([1, 4, 3, 2, 5]);
    expect(order(['test/accuracy', true])).toEqual([3, 1, 4, 2, 5]);
  });

  it('sorts numbers in texts as numbers', () => {
    const named = ['run 10', 'run 9', 'Run 1'].map((name) => runRow({ name }));
    const sorted = sortRows(named, [{ column: columnOf('name'), descending: false }]);
    expect(sorted.map(({ name }) => name)).toEqual(['Run 1', 'run 9', 'run 10']);
  });
});

describe('grouping', () => {
  const run = (method: string, seed: number, value?: number, settings = {}) =>
    runRow({ method, seed, settings, metrics: value === undefined ? {} : { 'test/accuracy': value } });

  it('gives mean and sample standard deviation over seeds', () => {
    const rows = [run('rigl', 0, 0.9), run('set', 0, 0.8), run('rigl', 1, 0.94), run('rigl', 2, 0.92)];
    const groups = groupRows(rows, ['config'], writeValue);
    expect(groups.map(({ labels, rows }) => [labels[0], rows.length])).toEqual([
      ['rigl', 3],
      ['set', 1],
    ]);
    const rigl = aggregate(groups[0].rows, accuracy)!;
    expect(rigl.mean).toBeCloseTo(0.92, 12);
    expect(rigl.sd).toBeCloseTo(0.02, 12);
    expect([rigl.min, rigl.max, rigl.n]).toEqual([0.9, 0.94, 3]);
    expect(plain(writeAggregate(accuracy, rigl))).toBe('92.00 ± 2.00 %');
    const alone = aggregate(groups[1].rows, accuracy)!;
    expect(alone.sd).toBeUndefined();
    expect(plain(writeAggregate(accuracy, alone))).toBe('80.00 %');
  });

  it('tells configs apart by what differs within a method, not by names, seeds or engines', () => {
    const rows = [
      run('rigl', 0, 0.9, { 'method.density': 0.1, 'engine.threads': 1, name: 'a' }),
      run('rigl', 1, 0.9, { 'method.density': 0.1, 'engine.threads': 2, name: 'b' }),
      run('rigl', 0, 0.9, { 'method.density': 0.2, 'engine.threads': 1, name: 'c' }),
    ];
    const groups = groupRows(rows, ['config'], writeValue);
    expect(groups.map(({ labels }) => labels[0])).toEqual(['rigl · density 0.1', 'rigl · density 0.2']);
  });

  it('by several columns makes one group per combination', () => {
    const rows = [run('rigl', 0), run('rigl', 1), run('set', 0)];
    const groups = groupRows(rows, [columnOf('method'), columnOf('seed')], writeValue);
    expect(groups.map(({ labels }) => labels)).toEqual([
      ['rigl', '0'],
      ['rigl', '1'],
      ['set', '0'],
    ]);
    expect(new Set(groups.map(({ key }) => key)).size).toBe(3);
  });

  it('leaves what is no finite number out of the figures', () => {
    expect(aggregate([run('a', 0), run('a', 1, NaN), run('a', 2, 0.5)], accuracy)).toMatchObject({
      n: 1,
      mean: 0.5,
    });
    expect(aggregate([run('a', 0)], accuracy)).toBeUndefined();
    expect(aggregate([run('a', 0)], columnOf('method'))).toBeUndefined();
    expect(spread([1, 2, 3, 4])).toMatchObject({ mean: 2.5, sd: Math.sqrt(5 / 3) });
  });
});

describe('order of live rows', () => {
  it('keeps what is shown, takes out what is gone, puts in what is new', () => {
    expect(keepOrder(['a', 'b', 'c'], ['c', 'b', 'a'])).toEqual(['a', 'b', 'c']);
    expect(keepOrder(['a', 'b', 'c'], ['c', 'a'])).toEqual(['a', 'c']);
    expect(keepOrder(['a', 'b'], ['n', 'b', 'm', 'o', 'a'])).toEqual(['n', 'a', 'b', 'm', 'o']);
    expect(keepOrder([], ['a', 'b'])).toEqual(['a', 'b']);
  });
});

describe('tables as text', () => {
  it('write CSV that a spreadsheet reads and does not run', () => {
    const rows = [
      runRow({ name: '=SUM(A1)', tags: ['a', 'b'], metrics: { 'test/accuracy': 0.5 } }),
      runRow({ name: 'say "hi", all\nof you', metrics: {} }),
    ];
    expect(
      runsCsv(
        rows,
        ['name', 'tags', 'test/accuracy', 'created'].map((id) => columnOf(id)),
      ),
    ).toBe(
      'name,tags,test/accuracy,created\r\n' +
        "'=SUM(A1),a b,0.5,2026-11-20T12:00:00.000Z\r\n" +
        '"say ""hi"", all\nof you",,,2026-11-20T12:00:00.000Z\r\n',
    );
    expect(csv([['-1.5', '-x', '1e-3']])).toBe("-1.5,'-x,1e-3\r\n");
  });

  it('write Markdown', () => {
    expect(
      markdownTable([
        ['a|b', 'c'],
        ['x', '1'],
      ]),
    ).toBe('| a\\|b | c |\n| --- | ---: |\n| x | 1 |\n');
  });
});
