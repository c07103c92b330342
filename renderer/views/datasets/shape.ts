/** [channels, height, width] as people say it: `28 × 28 × 3`, `20 features`; '' while it is not known. */
export function shapeText(shape: readonly number[] | undefined): string {
  if (!shape) return '';
  const [channels, height, width] = shape;
  if (height === 1 && width === 1) return channels === 1 ? '1 feature' : `${channels} features`;
  return channels === 1 ? `${height} × ${width}` : `${height} × ${width} × ${channels}`;
}

/** Two features: samples are points in a plane and better shown as such than one by one. */
export const isPlane = ([channels, height, width]: readonly number[]) =>
  channels === 2 && height === 1 && width === 1;
