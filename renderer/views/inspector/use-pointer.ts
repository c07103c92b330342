import { useEventListener } from '@vueuse/core';
import { ref, type Ref, type ShallowRef } from 'vue';

interface Point {
  x: number;
  y: number;
}

export interface PointerActions {
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: Point): void;
  /** The pointer is here, or nowhere. */
  hover(at: Point | undefined): void;
}

/** Mouse, pen and fingers on the matrix: drag pans, the wheel and two fingers zoom where they are. */
export function usePointer(
  element: Readonly<ShallowRef<HTMLElement | null>>,
  actions: PointerActions,
): { isDragging: Ref<boolean> } {
  const isDragging = ref(false);
  const pointers = new Map<number, Point>();

  const place = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = element.value!.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const middle = ([a, b]: Point[]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const distance = ([a, b]: Point[]): number => Math.hypot(a.x - b.x, a.y - b.y);

  useEventListener(element, 'pointerdown', (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, place(event));
    element.value!.setPointerCapture(event.pointerId);
  });

  useEventListener(element, 'pointermove', (event) => {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) return actions.hover(now);
    const old = [...pointers.values()];
    pointers.set(event.pointerId, now);
    const current = [...pointers.values()];
    if (current.length === 1) {
      isDragging.value = true;
      actions.pan(now.x - before.x, now.y - before.y);
    } else if (current.length === 2) {
      const [from, to] = [middle(old), middle(current)];
      actions.zoom(distance(current) / (distance(old) || 1), to);
      actions.pan(to.x - from.x, to.y - from.y);
    }
  });

  const release = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) isDragging.value = false;
  };
  useEventListener(element, 'pointerup', release);
  useEventListener(element, 'pointercancel', release);
  useEventListener(element, 'pointerleave', () => actions.hover(undefined));

  useEventListener(
    element,
    'wheel',
    (event) => {
      event.preventDefault();
      // A wheel may count in lines; a pinch on a touchpad comes as small steps with Ctrl.
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.0016;
      actions.zoom(Math.exp(-event.deltaY * unit * speed), place(event));
    },
    { passive: false },
  );

  return { isDragging };
}
