import { useEventListener } from '@vueuse/core';
import { ref, type Ref } from 'vue';

/** What a jump scrolls by itself says nothing about where the reader is. */
const jumpMs = 250;

/** Which section of a scrolling form is being read, and how to get to another. */
export function useSections(scroller: Readonly<Ref<HTMLElement | null>>) {
  const current = ref('run');
  let jumpedAt = -Infinity;
  const elements = () => [...(scroller.value?.querySelectorAll<HTMLElement>('[id^="section-"]') ?? [])];

  useEventListener(
    scroller,
    'scroll',
    () => {
      if (performance.now() - jumpedAt < jumpMs) return;
      const { scrollTop, scrollHeight, clientHeight } = scroller.value!;
      const all = elements();
      const atEnd = scrollTop + clientHeight >= scrollHeight - 2;
      const section = atEnd ? all.at(-1) : all.findLast((element) => element.offsetTop <= scrollTop + 60);
      if (section) current.value = section.id.slice('section-'.length);
    },
    { passive: true },
  );

  return {
    current,
    goTo(id: string): void {
      jumpedAt = performance.now();
      elements()
        .find((element) => element.id === `section-${id}`)
        ?.scrollIntoView({ block: 'start' });
      current.value = id;
    },
  };
}
