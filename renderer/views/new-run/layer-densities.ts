/** Densities set by hand, by layer: what a `densities` field holds as the text `fc1.weight=0.05,fc2.weight=0.2`. */
export type LayerDensities = ReadonlyMap<string, number>;

/** Reads the text of a `densities` field; parts that cannot be read are left to the field's own validation. */
export function readDensities(text: unknown): LayerDensities {
  const densities = new Map<string, number>();
  for (const part of String(text ?? '').split(',')) {
    const [name, value] = part.split('=').map((side) => side.trim());
    const density = Number(value);
    if (name && value && Number.isFinite(density)) densities.set(name, density);
  }
  return densities;
}

export const writeDensities = (densities: LayerDensities): string =>
  [...densities].map(([name, density]) => `${name}=${density}`).join(',');

/** The text with one layer's density set, or, with undefined, left to the method's distribution again. */
export function setDensity(text: unknown, layer: string, density: number | undefined): string {
  const densities = new Map(readDensities(text));
  if (density === undefined) densities.delete(layer);
  else densities.set(layer, density);
  return writeDensities(densities);
}

/** What a drag to this share of the bar sets: at least the smallest step, half percents up to all. */
export const densityAt = (share: number): number => Math.min(1, Math.max(1, Math.round(share * 200)) / 200);
