import type { XKind } from '../../shared/contract.ts';
import { duration, number, quantity } from '../format.ts';

interface XAxis {
  label: string;
  name: string;
  /** For read-outs. */
  format: (x: number) => string;
  /** For labels of the axis, which have little room. */
  tick: (x: number) => string;
}

/** The x axes that curves can be drawn over. */
export const xAxes: Readonly<Record<XKind, XAxis>> = {
  step: { label: 'Step', name: 'step', format: grouped, tick: exact },
  epoch: { label: 'Epoch', name: 'epoch', format: (x) => number(x, 3), tick: (x) => number(x, 6) },
  wall: { label: 'Time', name: 'time', format: (x) => duration(x * 1000), tick: clock },
  flops: { label: 'FLOPs', name: 'training FLOPs', format: quantity, tick: exact },
};

/** A round value with all its digits, however deep the zoom: 20 250 is `20.25 k`. */
function exact(value: number): string {
  const power = Math.min(5, Math.max(0, Math.floor(Math.log10(Math.abs(value)) / 3)));
  const unit = ['', 'k', 'M', 'G', 'T', 'P'][power];
  return unit ? `${number(value / 1000 ** power, 6)}\u00a0${unit}` : number(value, 6);
}

/** Seconds as `30 s`, `2:30` or `1:05:00`. */
function clock(seconds: number): string {
  if (seconds < 60) return seconds === 0 ? '0' : `${number(seconds, 3)} s`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A count with thin spaces between its thousands: 1 000 000. */
export function grouped(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
