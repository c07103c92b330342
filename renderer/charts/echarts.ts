import { CustomChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GraphicComponent, GridComponent, ParallelComponent } from 'echarts/components';
import { graphic, init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([
  CustomChart,
  ScatterChart,
  ParallelChart,
  GridComponent,
  ParallelComponent,
  GraphicComponent,
  AriaComponent,
  CanvasRenderer,
  SVGRenderer,
]);

/**
 * A line through many points in pixels, `[x0, y0, x1, y1, ...]`, broken where a coordinate is NaN. One such shape per
 * curve spares the chart library an object per point; a point between two gaps is drawn as a dot.
 */
const Curve = graphic.extendShape({
  shape: { points: new Float64Array(0) },
  buildPath(context, { points }) {
    let isOpen = false;
    for (let i = 0; i < points.length; i += 2) {
      const x = points[i];
      const y = points[i + 1];
      if (Number.isNaN(y)) isOpen = false;
      else if (isOpen) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        if (!(i + 3 < points.length) || Number.isNaN(points[i + 3])) context.lineTo(x + 0.01, y);
        isOpen = true;
      }
    }
  },
});

/** The area between an upper and a lower line, `[x, top, bottom, x, top, bottom, ...]`, broken at NaN. */
const Band = graphic.extendShape({
  shape: { points: new Float64Array(0) },
  buildPath(context, { points }) {
    const n = points.length / 3;
    for (let start = 0; start < n; start++) {
      if (Number.isNaN(points[3 * start + 1])) continue;
      let end = start;
      while (end + 1 < n && !Number.isNaN(points[3 * end + 4])) end++;
      context.moveTo(points[3 * start], points[3 * start + 1]);
      for (let i = start + 1; i <= end; i++) context.lineTo(points[3 * i], points[3 * i + 1]);
      for (let i = end; i >= start; i--) context.lineTo(points[3 * i], points[3 * i + 2]);
      context.closePath();
      start = end;
    }
  },
});

graphic.registerShape('filigree-curve', Curve);
graphic.registerShape('filigree-band', Band);

export { init, type EChartsType };
