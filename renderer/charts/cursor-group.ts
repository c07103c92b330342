import { shallowRef, type ShallowRef } from 'vue';
import type { XKind } from '../../shared/contract.ts';

/** Where the pointer or the keyboard is, in units of x. */
export interface ChartCursor {
  x: number;
  kind: XKind;
  /** The chart that the pointer is over: it shows the tooltip, the others of its group only a line. */
  owner: symbol;
}

const groups = new Map<string, ShallowRef<ChartCursor | undefined>>();

/** The cursor shared by all charts of a group; a chart without a group has its own. */
export function cursorOf(group: string | undefined): ShallowRef<ChartCursor | undefined> {
  if (group === undefined) return shallowRef();
  let cursor = groups.get(group);
  if (!cursor) groups.set(group, (cursor = shallowRef()));
  return cursor;
}
