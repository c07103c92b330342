import { usePreferredDark } from '@vueuse/core';
import { computed, watch, type ComputedRef } from 'vue';
import type { Settings } from '../../shared/settings.ts';

export type Theme = 'light' | 'dark';

/** `public/theme.js` reads it before anything is drawn. */
const storageKey = 'filigree-theme';

/** Keeps `data-theme` of the page as the setting says. @returns the theme that shows now */
export function useTheme(setting: () => Settings['theme'] | undefined): ComputedRef<Theme> {
  const systemIsDark = usePreferredDark();
  // Until the settings are known, the choice of last time counts.
  const wanted = computed(() => setting() ?? localStorage.getItem(storageKey) ?? 'system');
  const theme = computed<Theme>(() =>
    wanted.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : (wanted.value as Theme),
  );
  watch(wanted, (value) => localStorage.setItem(storageKey, value));
  watch(theme, (value) => (document.documentElement.dataset.theme = value), { immediate: true });
  return theme;
}
