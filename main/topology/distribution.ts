import { UserError, show } from '../../shared/errors.ts';

export type DistributionKind = 'uniform' | 'uniform-plus' | 'er' | 'erk';

export interface DistributionLayer {
  name: string;
  /** Linear [out, in] or convolution [out, in, kh, kw]. */
  shape: readonly number[];
  /** Whether it is the first or the last layer of the network (`uniform-plus` treats these apart). */
  position?: 'first' | 'last';
}

const sizeOf = (layer: DistributionLayer) => layer.shape.reduce((a, b) => a * b, 1);

/** Least density of the last layer under `uniform-plus`. */
const lastLayerDensity = 0.2;

/**
 * Densities per layer whose weighted mean is `density`.
 *
 * - uniform: the same everywhere;
 * - uniform-plus: first layer dense, last layer at least 20 %, the others share what is left (arXiv 2202.02643);
 * - er: ε (n_in + n_out) / (n_in n_out), Erdős–Rényi over channels (Mocanu et al. 2018);
 * - erk: ε (n_in + n_out + k_h + k_w) / (n_in n_out k_h k_w), its extension to kernels (arXiv 1911.11134, Section 3).
 *
 * Layers that would pass density 1 are made dense and ε is solved again for the others.
 * @param fixed densities set layer by layer; they replace what the distribution gives these layers and leave the
 *   others as they are, so the mean moves
 * @throws UserError `bad-config` on `method.density` where `uniform-plus` cannot be met, on `method.layerDensities`
 *   for a layer that is not one of these
 */
export function layerDensities(
  kind: DistributionKind,
  density: number,
  layers: readonly DistributionLayer[],
  fixed: ReadonlyMap<string, number> = new Map(),
): number[] {
  const unknown = [...fixed.keys()].find((name) => !layers.some((layer) => layer.name === name));
  if (unknown !== undefined) {
    throw new UserError(
      'bad-config',
      `method.layerDensities: ${show(unknown)} is not a sparse layer of this network; ` +
        `accepted: ${layers.map((layer) => layer.name).join(', ')}`,
      'method.layerDensities',
    );
  }
  return distribute(kind, density, layers).map((d, l) => fixed.get(layers[l].name) ?? d);
}

function distribute(kind: DistributionKind, density: number, layers: readonly DistributionLayer[]): number[] {
  switch (kind) {
    case 'uniform':
      return layers.map(() => density);
    case 'uniform-plus':
      return uniformPlus(density, layers);
    case 'er':
      return scaled(density, layers, ({ shape: [out, inputs] }) => (inputs + out) / (inputs * out));
    case 'erk':
      return scaled(density, layers, (layer) => layer.shape.reduce((a, b) => a + b, 0) / sizeOf(layer));
  }
}

/** d_l = min(1, ε raw_l) with the ε that meets the budget. */
function scaled(
  density: number,
  layers: readonly DistributionLayer[],
  rawOf: (layer: DistributionLayer) => number,
): number[] {
  const sizes = layers.map(sizeOf);
  const raw = layers.map(rawOf);
  const dense = layers.map(() => false);
  const budget = density * sizes.reduce((a, b) => a + b, 0);
  for (;;) {
    let free = budget;
    let divisor = 0;
    for (let l = 0; l < layers.length; l++) {
      if (dense[l]) free -= sizes[l];
      else divisor += raw[l] * sizes[l];
    }
    const epsilon = divisor === 0 ? 0 : free / divisor;
    const tooDense = raw.map((r, l) => !dense[l] && r * epsilon > 1);
    if (!tooDense.includes(true)) return raw.map((r, l) => (dense[l] ? 1 : r * epsilon));
    tooDense.forEach((is, l) => (dense[l] ||= is));
  }
}

function uniformPlus(density: number, layers: readonly DistributionLayer[]): number[] {
  const weights = (chosen: readonly DistributionLayer[]) =>
    chosen.reduce((sum, layer) => sum + sizeOf(layer), 0);
  const total = weights(layers);
  const first = weights(layers.filter(({ position }) => position === 'first'));
  const last = weights(layers.filter(({ position }) => position === 'last'));
  const least = (first + lastLayerDensity * last) / total;
  if (density < least) {
    throw new UserError(
      'bad-config',
      `method.density: ${density} is too small for the distribution uniform-plus on this network, whose first and ` +
        `last layer alone take more; accepted: at least ${roundUp(least)}, or another distribution`,
      'method.density',
    );
  }
  const shared = (density * total - first) / (total - first);
  const lastDensity = Math.max(shared, lastLayerDensity);
  const others = total - first - last;
  const otherDensity = (density * total - first - lastDensity * last) / others;
  return layers.map(({ position }) =>
    position === 'first' ? 1 : position === 'last' ? lastDensity : otherDensity,
  );
}

/** Three digits, never below the value itself. */
const roundUp = (value: number) => Math.ceil(value * 1000) / 1000;

/**
 * Integer entries per layer: the total is round(Σ d_l n_l) and each layer is within one entry of d_l n_l
 * (largest remainders are rounded up first, ties in layer order).
 * @throws UserError `bad-config` on `method.density` where a layer would be left without any weight
 */
export function layerCounts(densities: readonly number[], layers: readonly DistributionLayer[]): number[] {
  const exact = densities.map((d, l) => d * sizeOf(layers[l]));
  const counts = exact.map(Math.floor);
  const missing = Math.round(exact.reduce((a, b) => a + b, 0)) - counts.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((_, l) => l)
    .sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (const l of byRemainder.slice(0, missing)) counts[l]++;
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw new UserError(
      'bad-config',
      `method.density: too small, ${layers[empty].name} (${sizeOf(layers[empty])} weights) would keep none of its ` +
        'weights and the network could not learn; accepted: a density that leaves every layer at least one',
      'method.density',
    );
  }
  return counts;
}
