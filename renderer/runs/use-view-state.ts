import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';

/** Typing changes the state at once and the address after a pause, so that history and router keep out of the way. */
const writeDelayMs = 200;

/**
 * The state of a view as its address keeps it: a link opens it, Back and Forward move through it, and coming back to
 * the view without a query brings the last state of this window.
 */
export function useViewState<State extends object>(
  read: (query: LocationQuery) => State,
  write: (state: State) => Record<string, string>,
): { state: Readonly<ShallowRef<State>>; change(patch: Partial<State>): void } {
  const route = useRoute();
  const router = useRouter();
  const { path } = route;
  const memory = `filigree-view${path}`;
  const remembered = Object.keys(route.query).length === 0 ? sessionStorage.getItem(memory) : null;
  const state = shallowRef(
    read(remembered ? Object.fromEntries(new URLSearchParams(remembered)) : route.query),
  ) as ShallowRef<State>;
  let written = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  function writeAddress(): void {
    clearTimeout(timer);
    const query = write(state.value);
    written = new URLSearchParams(query).toString();
    sessionStorage.setItem(memory, written);
    if (route.path === path) void router.replace({ query });
  }

  watch(
    () => route.query,
    (query) => {
      if (route.path !== path) return;
      const next = read(query);
      if (new URLSearchParams(write(next)).toString() !== written) state.value = next;
    },
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    sessionStorage.setItem(memory, new URLSearchParams(write(state.value)).toString());
  });
  if (remembered) writeAddress();

  return {
    state,
    change(patch) {
      state.value = { ...state.value, ...patch };
      clearTimeout(timer);
      timer = setTimeout(writeAddress, writeDelayMs);
    },
  };
}
