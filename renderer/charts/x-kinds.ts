import type { XKind } from '../../shared/contract.ts';
import { duration, number, quantity } from '../format.ts';

/** The x axes that curves can be drawn over. */
export const xAxes: Readonly<Record<XKind, { label: string; name: string; format: (x: number) => string }>> =
  {
    step: { label: 'Step', name: 'step', format: (x) => quantity(x) },
    epoch: { label: 'Epoch', name: 'epoch', format: (x) => number(x, 3) },
    wall: { label: 'Time', name: 'time', format: (x) => (x === 0 ? '0' : duration(x * 1000)) },
    flops: { label: 'FLOPs', name: 'training FLOPs', format: (x) => quantity(x) },
  };

/** A count with thin spaces between its thousands: 1 000 000. */
export function grouped(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
