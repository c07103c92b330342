import type { Kind } from './columns.ts';

const magnitudes: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, b: 1e9, t: 1e12, p: 1e15 };
const durations: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, min: 6e4, h: 3.6e6, d: 8.64e7 };

/** A typed number in the unit of a column's values, or a sentence saying what can be typed there. */
export type ReadNumber = { value: number } | { problem: string };

/** Reads `88%`, `1.5M`, `10m`, `2026-11-20` and plain numbers as what they mean in a column of this kind. */
export function readNumber(kind: Kind, text: string): ReadNumber {
  switch (kind) {
    case 'fraction':
    case 'progress':
      return readFraction(text);
    case 'percent':
      return plain(text.replace(/\s*%$/, '')) ?? wanted(text, 'a percentage, as 12 or 12%');
    case 'duration':
      return withUnit(text, durations) ?? wanted(text, 'a duration, as 90s, 10m or 2h');
    case 'milliseconds':
      return plain(text) ?? withUnit(text, durations) ?? wanted(text, 'milliseconds, as 2.5');
    case 'time':
      return readTime(text);
    default:
      return plain(text) ?? withUnit(text, magnitudes) ?? wanted(text, 'a number, as 0.05, 1e-3 or 1.5M');
  }
}

function readFraction(text: string): ReadNumber {
  const percent = /%$/.test(text);
  const read = plain(text.replace(/\s*%$/, ''));
  if (!read) return wanted(text, 'a share, as 0.88 or 88%');
  if (percent) return { value: read.value / 100 };
  return Math.abs(read.value) <= 1 ? read : { problem: `${text} is more than everything: write 0.88 or 88%` };
}

function readTime(text: string): ReadNumber {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  // A date alone means midnight here, not in Greenwich.
  const value = new Date(isDate ? `${text}T00:00` : text).getTime();
  return /^\d{4}-/.test(text) && !Number.isNaN(value)
    ? { value }
    : wanted(text, 'a day, as 2026-11-20, or a time, as 2026-11-20T14:30');
}

function plain(text: string): { value: number } | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? { value: Number(text) } : undefined;
}

function withUnit(text: string, units: Record<string, number>): { value: number } | undefined {
  const match = /^([\d.]+)\s*([a-z]+)$/i.exec(text);
  const unit = match && units[match[2].toLowerCase()];
  const value = Number(match?.[1]) * (unit || NaN);
  return Number.isNaN(value) ? undefined : { value };
}

const wanted = (text: string, what: string): ReadNumber => ({
  problem: text === '' ? `here comes ${what}` : `“${text}” is not ${what}`,
});
