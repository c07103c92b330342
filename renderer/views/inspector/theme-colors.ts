import { computed } from 'vue';
import { chartTheme } from '../../charts/theme.ts';
import { makePalette } from '../../masks/color.ts';
import type { MatrixColors } from './paint-matrix.ts';
import type { PartColors } from './paint-strips.ts';

const isDark = () => document.documentElement.dataset.theme === 'dark';

/** The theme's colours as canvases and tiles need them; follows the theme. */
export function useMaskColors() {
  const token = (name: string) => chartTheme.value.color(`var(${name})`);

  const palette = computed(() =>
    makePalette(chartTheme.value && isDark() ? 'dark' : 'light', {
      dead: token('--mask-dead'),
      kept: token('--mask-kept'),
      born: token('--mask-born'),
      died: token('--mask-died'),
    }),
  );
  const colors = computed((): MatrixColors => ({
    background: token('--bg'),
    dead: token('--mask-dead'),
    grid: token('--bg'),
    line: token('--border-strong'),
    text: token('--text'),
    textOnStrong: token('--bg'),
    accent: token('--accent'),
    bad: token('--bad'),
    muted: token('--text-muted'),
    font: 'JetBrains Mono Variable, monospace',
  }));
  const parts = computed((): PartColors => ({
    mask: token('--run-1'),
    kept: token('--mask-kept'),
    born: token('--mask-born'),
    died: token('--mask-died'),
  }));
  const theme = computed(() => (chartTheme.value && isDark() ? 'dark' : 'light'));
  return { palette, colors, parts, theme };
}

/** A colour of a palette as CSS. */
export function cssColor(rgba: number): string {
  return `rgb(${rgba & 255} ${(rgba >> 8) & 255} ${(rgba >> 16) & 255})`;
}

/** A ramp as the background of a legend. */
export function cssGradient(ramp: Uint32Array): string {
  const stops = [0, 36, 73, 109, 146, 182, 219, 255].map((i) => cssColor(ramp[i]));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
