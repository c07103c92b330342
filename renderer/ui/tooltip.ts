export type TooltipSide = 'bottom' | 'right' | 'top' | 'left';

/** What an element says about itself when it is pointed at or focused; `TooltipLayer` reads it. */
export interface Tooltip {
  text: string;
  keys?: string;
  side?: TooltipSide;
}

/**
 * Attributes that give an element a tooltip. One layer for the whole window draws them all: a table of 5 000 rows with
 * icon buttons costs no more than one.
 */
export function tooltipAttributes({ text, keys, side }: Tooltip): Record<string, string | undefined> {
  return { 'data-tooltip': text || undefined, 'data-tooltip-keys': keys, 'data-tooltip-side': side };
}

/** The nearest element that has a tooltip. */
export function tooltipAt(
  target: EventTarget | null,
): { element: HTMLElement; tooltip: Tooltip } | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-tooltip]') : null;
  if (!element) return undefined;
  const { tooltip: text, tooltipKeys: keys, tooltipSide: side } = element.dataset;
  return { element, tooltip: { text: text!, keys, side: side as TooltipSide | undefined } };
}

const distance = 6;
const margin = 6;

/** Where the tooltip goes: on its side of the element if there is room, else opposite; always inside the window. */
export function placeTooltip(
  target: { left: number; top: number; width: number; height: number },
  size: { width: number; height: number },
  viewport: { width: number; height: number },
  side: TooltipSide = 'bottom',
): { left: number; top: number } {
  const right = target.left + target.width;
  const bottom = target.top + target.height;
  const room = {
    bottom: viewport.height - bottom >= size.height + distance + margin,
    top: target.top >= size.height + distance + margin,
    right: viewport.width - right >= size.width + distance + margin,
    left: target.left >= size.width + distance + margin,
  };
  const opposite = { bottom: 'top', top: 'bottom', right: 'left', left: 'right' } as const;
  const chosen = !room[side] && room[opposite[side]] ? opposite[side] : side;
  const centred = {
    left: target.left + target.width / 2 - size.width / 2,
    top: target.top + target.height / 2 - size.height / 2,
  };
  const wanted = {
    bottom: { left: centred.left, top: bottom + distance },
    top: { left: centred.left, top: target.top - distance - size.height },
    right: { left: right + distance, top: centred.top },
    left: { left: target.left - distance - size.width, top: centred.top },
  }[chosen];
  const inside = (at: number, length: number, all: number): number =>
    Math.max(margin, Math.min(at, all - length - margin));
  return {
    left: Math.round(inside(wanted.left, size.width, viewport.width)),
    top: Math.round(inside(wanted.top, size.height, viewport.height)),
  };
}
