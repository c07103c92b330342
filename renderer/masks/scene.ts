import type { ArrangementKind, FieldShape } from './arrangement.ts';
import type { GroupPattern } from './patterns.ts';

/** A recorded mask: masks never change, so this is the key of everything computed from one. */
export interface MaskRef {
  run: string;
  layer: string;
  /** A snapshot of this layer. */
  step: number;
}

export const maskKey = ({ run, layer, step }: MaskRef): string => `${run}/${layer}@${step}`;

/** What the colours mean. */
export type Coloring =
  /** Alive or dead, and the density of blocks. */
  | { kind: 'mask' }
  /** Signed weights of the newest checkpoint. */
  | { kind: 'weights'; checkpoint: number }
  /** Since when a weight has been alive; `steps` are the layer's snapshots up to the one shown. */
  | { kind: 'age'; steps: readonly number[] }
  /** How often a weight was pruned or grown. */
  | { kind: 'flips'; steps: readonly number[] }
  /** Kept, born and died from the shown mask to another one. */
  | { kind: 'difference'; other: MaskRef }
  /** Groups that break an n:m pattern. */
  | { kind: 'pattern'; pattern: GroupPattern };

/** Everything that a picture of a mask depends on, colours of the theme aside. */
export interface Scene {
  mask: MaskRef;
  /** [out, in] or [out, in, kh, kw] */
  shape: readonly number[];
  arrangement: ArrangementKind;
  field: FieldShape | undefined;
  coloring: Coloring;
}

export function sceneKey({ mask, arrangement, coloring }: Scene): string {
  const what = (): string => {
    switch (coloring.kind) {
      case 'mask':
        return 'mask';
      case 'weights':
        return `weights ${coloring.checkpoint}`;
      case 'age':
      case 'flips':
        return coloring.kind;
      case 'difference':
        return `to ${maskKey(coloring.other)}`;
      case 'pattern':
        return `${coloring.pattern.n}:${coloring.pattern.m}`;
    }
  };
  return `${maskKey(mask)} ${arrangement} ${what()}`;
}
