import { describe, expect, it } from 'vitest';
import { readState, writeState } from '../../../../renderer/views/inspector/state.ts';

describe('the address of the inspector', () => {
  it('keeps everything that is looked at', () => {
    const query = {
      layer: 'conv2.weight',
      step: '120',
      'b-run': '01M7Z9NW9AQ44VC839EP86P0TY',
      'b-step': '40',
      arrange: 'filters',
      color: 'age',
      pattern: '2:4',
      tab: 'churn',
      only: 'row-17',
      view: '12.5,-3,8',
    };
    const state = readState(query);
    expect(state).toMatchObject({
      step: 120,
      otherStep: 40,
      isolated: { axis: 'row', index: 17 },
      camera: { x: 12.5, y: -3, scale: 8 },
    });
    expect(writeState(state)).toEqual(query);
  });

  it('says nothing of what is usual', () => {
    expect(writeState(readState({}))).toEqual({});
  });

  it('survives what people do to addresses', () => {
    const state = readState({
      step: '-3',
      'b-step': 'many',
      arrange: '__proto__',
      color: ['flips', 'age'],
      tab: 'x',
      only: 'row-',
      view: '1,2,0',
      pattern: '22:4',
    });
    expect(writeState(state)).toEqual({ color: 'flips' });
  });
});
