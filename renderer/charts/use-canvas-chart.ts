import { onBeforeUnmount, onMounted, shallowRef, watch, type ShallowRef } from 'vue';
import { init, type EChartsType } from './echarts.ts';
import { windowScheduler } from './scheduler.ts';
import { chartTheme } from './theme.ts';

export interface CanvasChart {
  /** Pixels of the element; zero until it was laid out. */
  size: ShallowRef<{ width: number; height: number }>;
  /** Redraw within half a second, because data came. */
  request(): void;
  /** Redraw in the next frame, because the user did something. */
  requestNow(): void;
}

/**
 * An ECharts canvas that fills an element: made when it is first seen, drawn when the window's scheduler says so, and
 * made anew when the pixel density changes (a move to another monitor), which ECharts 6.1 does not notice. Our own
 * few lines instead of vue-echarts: its component would deep-watch or copy options that hold large typed arrays, and
 * it cannot let a scheduler decide when to draw.
 * @param draw sets the option; called with the size in pixels
 */
export function useCanvasChart(
  element: Readonly<ShallowRef<HTMLElement | null>>,
  draw: (chart: EChartsType, size: { width: number; height: number }) => void,
): CanvasChart {
  const size = shallowRef({ width: 0, height: 0 });
  let chart: EChartsType | undefined;
  let density: MediaQueryList | undefined;

  const scheduled = windowScheduler().add(() => {
    const { width, height } = size.value;
    if (!element.value || width === 0 || height === 0) return;
    chart ??= init(element.value, null, { renderer: 'canvas', width, height });
    if (chart.getWidth() !== width || chart.getHeight() !== height)
      chart.resize({ width, height, silent: true });
    draw(chart, size.value);
    const zr = chart.getZr();
    // Paints now instead of in a later frame with other charts.
    zr.flush();
    // Nothing moves by itself, so the library need not look for work in every frame of every chart.
    zr.animation.stop();
  });

  const remake = () => {
    chart?.dispose();
    chart = undefined;
    watchDensity();
    scheduled.requestNow();
  };
  const watchDensity = () => {
    density?.removeEventListener('change', remake);
    density = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    density.addEventListener('change', remake);
  };

  const resizes = new ResizeObserver(([{ contentRect }]) => {
    const { width, height } = contentRect;
    if (width === size.value.width && height === size.value.height) return;
    size.value = { width, height };
    scheduled.requestNow();
  });
  const sight = new IntersectionObserver(([{ isIntersecting }]) => scheduled.setVisible(isIntersecting), {
    rootMargin: '80px',
  });

  onMounted(() => {
    resizes.observe(element.value!);
    sight.observe(element.value!);
    watchDensity();
    scheduled.requestNow();
  });
  watch(chartTheme, scheduled.requestNow);
  onBeforeUnmount(() => {
    resizes.disconnect();
    sight.disconnect();
    density?.removeEventListener('change', remake);
    scheduled.dispose();
    chart?.dispose();
  });

  return { size, request: scheduled.request, requestNow: scheduled.requestNow };
}
