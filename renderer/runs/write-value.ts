import { duration, number, percent, quantity, relativeTime, stepMs } from '../format.ts';
import type { Column, Value } from './columns.ts';
import type { Aggregate } from './group.ts';

const none = '–';

/** A value as a table shows it, in the unit and with the digits of its column. */
export function writeValue(column: Column, value: Value | undefined): string {
  if (value === undefined) return none;
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : none;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return String(value);
  return writeNumber(column, value);
}

/** A number in the unit of a column, for its cells and for axes along it. */
export function writeNumber({ kind }: Column, value: number): string {
  switch (kind) {
    case 'fraction':
      return percent(value, 2);
    case 'percent':
      return percent(value / 100, 1);
    case 'progress':
      return percent(value, 0);
    case 'quantity':
      return quantity(value);
    case 'milliseconds':
      return stepMs(value);
    case 'duration':
      return duration(value);
    case 'time':
      return relativeTime(value);
    default:
      return number(value);
  }
}

/** `88.12 ± 0.24 %`: mean and sample standard deviation in one unit; without ± for a single value. */
export function writeAggregate(column: Column, { mean, sd }: Aggregate): string {
  if (sd === undefined || column.kind === 'time' || column.kind === 'duration')
    return writeNumber(column, mean);
  const both = [
    writeNumber(column, mean),
    column.kind === 'number' ? number(sd, 2) : writeNumber(column, sd),
  ];
  const unit = both.map((text) => /\u00a0(\S+)$/.exec(text)?.[1]);
  const [first, second] = unit[0] === unit[1] ? [both[0].replace(/\u00a0\S+$/, ''), both[1]] : both;
  return `${first} ± ${second}`;
}
