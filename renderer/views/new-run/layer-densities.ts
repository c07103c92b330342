import { readDensities, writeDensities } from '../../../shared/densities.ts';

/** Densities set by hand, by layer; none while the text of the field cannot be read. */
export const densitiesOf = (text: unknown): ReadonlyMap<string, number> =>
  readDensities(String(text ?? '')) ?? new Map();

/** The text with one layer's density set, or, with undefined, left to the method's distribution again. */
export function setDensity(text: unknown, layer: string, density: number | undefined): string {
  const densities = new Map(densitiesOf(text));
  if (density === undefined) densities.delete(layer);
  else densities.set(layer, density);
  return writeDensities(densities);
}

/** What a drag to this share of the bar sets: half percents, from one of them up to everything. */
export const densityAt = (share: number): number => Math.min(200, Math.max(1, Math.round(share * 200))) / 200;
