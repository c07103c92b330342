import { useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import { keepOrder } from '../../runs/keep-order.ts';

const idleMs = 1000;

/**
 * Keeps the order of a list still while somebody points at it or types: live rows change in place, and move to where
 * they now belong only once pointer and keyboard have rested.
 * @param wanted the order by the data
 * @param reason changes when the user asks for another order, which is followed at once
 */
export function useSettledOrder(
  wanted: ComputedRef<readonly string[]>,
  reason: ComputedRef<string>,
): { order: ComputedRef<readonly string[]>; touch(): void } {
  const shown = shallowRef(wanted.value);
  let touchedAt = -Infinity;
  const settle = () => {
    if (shown.value !== wanted.value && performance.now() - touchedAt > idleMs) shown.value = wanted.value;
  };
  watch(reason, () => (shown.value = wanted.value), { flush: 'sync' });
  watch(wanted, settle);
  useIntervalFn(settle, idleMs / 2);
  return {
    order: computed(() =>
      shown.value === wanted.value ? shown.value : keepOrder(shown.value, wanted.value),
    ),
    touch: () => void (touchedAt = performance.now()),
  };
}
