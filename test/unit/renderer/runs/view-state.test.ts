import { describe, expect, it } from 'vitest';
import {
  defaultViewState,
  readViewQuery,
  readViewState,
  viewQuery,
  writeViewState,
  type RunsViewState,
} from '../../../../renderer/runs/view-state.ts';

describe('the address of the runs view', () => {
  it('is empty for the default', () => {
    expect(writeViewState(defaultViewState)).toEqual({});
    expect(readViewState({})).toEqual(defaultViewState);
  });

  it('keeps everything', () => {
    const state: RunsViewState = {
      filter: 'method:rigl "a & b" accuracy>88%',
      archived: true,
      sort: [
        { id: 'test/accuracy', descending: true },
        { id: 'name', descending: false },
      ],
      columns: [
        { id: 'name', width: 301, pinned: true },
        { id: 'method.lambda', pinned: false },
        { id: 'test/loss.min', width: 80, pinned: false },
      ],
      groups: ['config', 'method'],
      mode: 'scatter',
      x: 'density',
      y: 'test/loss',
      color: 'seed',
      xLog: true,
      yLog: true,
      axes: ['seed', 'density'],
    };
    expect(readViewState(writeViewState(state))).toEqual(state);
    expect(readViewQuery(viewQuery(state))).toEqual(state);
  });

  it('survives what people do to addresses', () => {
    const read = readViewState({
      view: 'hologram',
      cols: ',,name~9,name~99999!',
      sort: ',',
      x: '',
      q: ['a', 'b'],
    });
    expect(read.mode).toBe('table');
    expect(read.columns).toEqual([{ id: 'name', width: 40, pinned: false }]);
    expect(read.sort).toEqual([]);
    expect(read.x).toBe(defaultViewState.x);
    expect(read.filter).toBe('a');
    expect(readViewState({ cols: ',' }).columns).toEqual(defaultViewState.columns);
  });
});
