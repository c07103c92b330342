/**
 * Densities of single layers as text, `fc1.weight=0.05,fc2.weight=0.2`: what a setting of type `densities` holds.
 * @returns density by weight name, nothing for ''; undefined if the text is anything else, if a density is not
 *   greater than 0 and at most 1, or if a layer is named twice
 */
export function readDensities(text: string): ReadonlyMap<string, number> | undefined {
  const densities = new Map<string, number>();
  if (text.trim() === '') return densities;
  for (const entry of text.split(',')) {
    const at = entry.lastIndexOf('=');
    const name = entry.slice(0, Math.max(at, 0)).trim();
    const value = entry.slice(at + 1).trim();
    const density = value === '' ? NaN : Number(value);
    if (name === '' || !(density > 0 && density <= 1) || densities.has(name)) return undefined;
    densities.set(name, density);
  }
  return densities;
}

/** The text that `readDensities` reads. */
export function writeDensities(densities: ReadonlyMap<string, number>): string {
  return [...densities].map(([name, density]) => `${name}=${density}`).join(',');
}
