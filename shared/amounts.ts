/** Amounts as the command line, model cards and reports write them: plain text, the same everywhere. */

export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${ms.toFixed(0)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 1.23 k, 45.6 M, 7.89 G. */
export function quantity(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P', ' E'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? scaled.toFixed(0) : scaled.toPrecision(3)}${units[power]}`;
}

/** 456 B, 1.23 kB, 45.6 MB. */
export const bytes = (value: number): string => `${quantity(value)}${value < 1000 ? ' ' : ''}B`;

export const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** With separators between thousands. */
export const count = (value: number) => value.toLocaleString('en-US');
