import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../../renderer/styles/tokens.css', import.meta.url), 'utf8');

/** The six-digit colours a theme defines. */
function colorsOf(theme: string): Record<string, string> {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)![1];
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast ratio, 1..21. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['bg', 'bg-raised', 'bg-overlay', 'bg-hover', 'bg-active', 'bg-selected'];
const texts = ['text', 'text-muted', 'accent', 'good', 'warning', 'bad'];
/** Text and what it stands on, beyond plain text on the surfaces. */
const pairs = [
  ['accent-text', 'accent'],
  ['accent', 'accent-soft'],
  ['text', 'accent-soft'],
  ['good', 'good-soft'],
  ['text', 'good-soft'],
  ['warning', 'warning-soft'],
  ['text', 'warning-soft'],
  ['bad', 'bad-soft'],
  ['text', 'bad-soft'],
  ['text-muted', 'bad-soft'],
];
const fills = ['accent-fill', 'accent-fill-hover', 'bad-fill', 'bad-fill-hover'];
/** Marks have to be seen, not read: 3 is enough. */
const marks = [
  ...Array.from({ length: 8 }, (_, i) => `run-${i + 1}`),
  'mask-kept',
  'mask-born',
  'mask-died',
  'focus',
];

describe.each(['light', 'dark'])('%s theme', (theme) => {
  const colors = colorsOf(theme);
  it.each(surfaces.flatMap((surface) => texts.map((text) => [text, surface])))(
    '%s on %s can be read',
    (text, surface) => expect(contrast(colors[text], colors[surface])).toBeGreaterThanOrEqual(4.5),
  );
  it.each(pairs)('%s on %s can be read', (text, surface) =>
    expect(contrast(colors[text], colors[surface])).toBeGreaterThanOrEqual(4.5),
  );
  it.each(fills)('white on %s can be read', (fill) =>
    expect(contrast('#ffffff', colors[fill])).toBeGreaterThanOrEqual(4.5),
  );
  it.each(marks)('%s stands out from the panels', (mark) => {
    expect(contrast(colors[mark], colors['bg-raised'])).toBeGreaterThanOrEqual(3);
    expect(contrast(colors[mark], colors.bg)).toBeGreaterThanOrEqual(3);
  });
});

it('both themes define the same colours', () => {
  expect(Object.keys(colorsOf('dark'))).toEqual(Object.keys(colorsOf('light')));
});
