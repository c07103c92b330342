import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import type { ArrangementKind } from '../../masks/arrangement.ts';
import type { Camera } from './camera.ts';

export const colorings = ['mask', 'weights', 'age', 'flips'] as const;
export type ColoringKind = (typeof colorings)[number];
export const arrangements = ['matrix', 'inputs', 'filters', 'channels', 'fields'] as const;
export const tabs = ['statistics', 'degrees', 'churn', 'patterns', 'filters'] as const;
export type Tab = (typeof tabs)[number];
export type Isolated = { axis: 'row' | 'column'; index: number };

/** What the address says about the inspector. */
export interface InspectorState {
  layer: string | undefined;
  /** Left out: the newest snapshot, also when a new one comes. */
  step: number | undefined;
  /** The mask to compare with: of another run, at another step, or both. */
  otherRun: string | undefined;
  otherStep: number | undefined;
  arrangement: ArrangementKind;
  coloring: ColoringKind;
  /** Marks the groups that break this n:m pattern, `2:4`. */
  pattern: string | undefined;
  tab: Tab;
  isolated: Isolated | undefined;
  /** Left out: the whole matrix. */
  camera: Camera | undefined;
}

const one = (value: LocationQuery[string] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value) ?? undefined;

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

const among = <T extends string>(values: readonly T[], text: string | undefined, usual: T): T =>
  values.find((value) => value === text) ?? usual;

/** Reads an address; what does not make sense in it is left out. */
export function readState(query: LocationQuery): InspectorState {
  const isolated = /^(row|column)-(\d{1,8})$/.exec(one(query.only) ?? '');
  const camera = (one(query.view) ?? '').split(',').map(Number);
  const pattern = one(query.pattern);
  return {
    layer: one(query.layer) || undefined,
    step: whole(one(query.step)),
    otherRun: one(query['b-run']) || undefined,
    otherStep: whole(one(query['b-step'])),
    arrangement: among(arrangements, one(query.arrange), 'matrix'),
    coloring: among(colorings, one(query.color), 'mask'),
    pattern: pattern && /^\d:\d$/.test(pattern) ? pattern : undefined,
    tab: among(tabs, one(query.tab), 'statistics'),
    isolated: isolated ? { axis: isolated[1] as Isolated['axis'], index: Number(isolated[2]) } : undefined,
    camera:
      camera.length === 3 && camera.every(Number.isFinite) && camera[2] > 0
        ? { x: camera[0], y: camera[1], scale: camera[2] }
        : undefined,
  };
}

/** The query of an address; defaults are left out. */
export function writeState(state: InspectorState): LocationQueryRaw {
  const short = (value: number) => Number(value.toPrecision(6));
  const { camera, isolated } = state;
  const query: Record<string, string | undefined> = {
    layer: state.layer,
    step: state.step?.toString(),
    'b-run': state.otherRun,
    'b-step': state.otherStep?.toString(),
    arrange: state.arrangement === 'matrix' ? undefined : state.arrangement,
    color: state.coloring === 'mask' ? undefined : state.coloring,
    pattern: state.pattern,
    tab: state.tab === 'statistics' ? undefined : state.tab,
    only: isolated && `${isolated.axis}-${isolated.index}`,
    view: camera && [camera.x, camera.y, camera.scale].map(short).join(','),
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}
