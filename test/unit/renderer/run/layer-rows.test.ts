import { describe, expect, it } from 'vitest';
import { layerRows } from '../../../../renderer/views/run/layer-rows.ts';
import type { LayerSummary } from '../../../../shared/frames.ts';
import type { MaskCatalog } from '../../../../shared/masks.ts';

const masks: MaskCatalog = {
  steps: [0, 10],
  layers: [
    {
      name: 'conv.weight',
      shape: [8, 3, 3, 3],
      rows: 8,
      columns: 27,
      steps: [0, 10],
      nnz: [108, 54],
      targetDensity: 0.2,
      macs: 1,
    },
  ],
};
const summary: LayerSummary[] = [
  {
    name: 'conv.weight',
    shape: [8, 3, 3, 3],
    nnz: 43,
    size: 216,
    density: 43 / 216,
    macs: 1,
    execution: 'sparse',
    deadRows: 1,
    deadColumns: 2,
  },
];

describe('layerRows', () => {
  it('shows the newest masks while a run trains', () => {
    expect(layerRows(masks, undefined)).toEqual([
      { name: 'conv.weight', shape: '8 × 3 × 3 × 3', density: 0.25, nnz: 54, target: 0.2, dead: undefined },
    ]);
  });

  it('shows the summary once there is one', () => {
    expect(layerRows(masks, summary)[0]).toMatchObject({ nnz: 43, target: 0.2, dead: 3 });
    expect(layerRows(undefined, summary)[0].target).toBeUndefined();
  });

  it('has nothing before anything was recorded', () => {
    expect(layerRows(undefined, undefined)).toEqual([]);
  });
});
