/** Colours as a canvas stores them: red in the lowest byte, alpha in the highest. */
export type Rgba = number;

export function rgba(red: number, green: number, blue: number): Rgba {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

/** @param css `#rrggbb`, or `#rgb` as style sheets are shortened */
export function parseColor(css: string): Rgba {
  const text = css.trim();
  const long = /^#[0-9a-f]{3}$/i.test(text) ? text.replace(/[0-9a-f]/gi, '$&$&') : text;
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(long);
  if (!match) throw new Error(`${css} is no colour of the form #rrggbb`);
  return rgba(parseInt(match[1], 16), parseInt(match[2], 16), parseInt(match[3], 16));
}

export function mix(a: Rgba, b: Rgba, share: number): Rgba {
  const channel = (shift: number) => {
    const x = (a >>> shift) & 255;
    return x + (((b >>> shift) & 255) - x) * share;
  };
  return rgba(channel(0), channel(8), channel(16));
}

/** 256 colours from the first to the last of evenly spaced stops. */
export function ramp(stops: readonly Rgba[]): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1);
    const stop = Math.min(Math.floor(at), stops.length - 2);
    return mix(stops[stop], stops[stop + 1], at - stop);
  });
}

/** What the tiles are painted with; made from the theme's tokens. */
export interface Palette {
  dead: Rgba;
  kept: Rgba;
  born: Rgba;
  died: Rgba;
  /** From nothing to full: one hue, lightness only, so that everybody reads it alike. */
  density: Uint32Array;
  /** From negative over zero to positive. */
  signed: Uint32Array;
  /** From old (or never) to new (or often). */
  sequence: Uint32Array;
}

const stops = {
  light: {
    density: ['#c7dcf2', '#7fb2e0', '#3d83c4', '#1a5596', '#0a2c59'],
    signed: ['#0b3f8a', '#4a8fd6', '#a9b2bf', '#d97b4a', '#8f2d0c'],
    sequence: ['#e9dcb4', '#9bbf85', '#3f9a8a', '#1f6690', '#2b2a6b'],
  },
  dark: {
    density: ['#1f3247', '#235680', '#2f86c4', '#7cc0f2', '#eaf6ff'],
    signed: ['#8ecbff', '#3d87cf', '#59616d', '#cf6f3d', '#ffb58a'],
    sequence: ['#3b2f6b', '#2f6390', '#35917f', '#93b866', '#f6e58d'],
  },
} as const;

/** @param tokens the theme's `--mask-…` colours */
export function makePalette(
  theme: 'light' | 'dark',
  tokens: Record<'dead' | 'kept' | 'born' | 'died', string>,
): Palette {
  const dead = parseColor(tokens.dead);
  const parsed = (name: 'density' | 'signed' | 'sequence') => stops[theme][name].map(parseColor);
  return {
    dead,
    kept: parseColor(tokens.kept),
    born: parseColor(tokens.born),
    died: parseColor(tokens.died),
    density: ramp([dead, ...parsed('density')]),
    signed: ramp(parsed('signed')),
    sequence: ramp(parsed('sequence')),
  };
}
