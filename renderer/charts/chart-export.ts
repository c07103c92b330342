import type { EChartsCoreOption } from 'echarts/core';
import { init } from './echarts.ts';
import { lineAxes } from './line-axes.ts';
import { lineOption, plotMargins, type LineDrawing } from './line-drawing.ts';
import { xAxes } from './x-kinds.ts';

const rowHeight = 20;
/** For the name of the x axis. */
const footer = 16;

/** The chart as a file for a paper or slides: with its title and a legend, which on screen are not part of it. */
function figureOption(drawing: LineDrawing, title: string): EChartsCoreOption {
  const rows = Math.ceil(drawing.lines.length / columnsIn(drawing.width));
  const top = plotMargins.top + 24 + rows * rowHeight;
  const figure = {
    ...drawing,
    margins: { ...plotMargins, top, bottom: plotMargins.bottom + footer },
    height: figureHeight(drawing),
  };
  const option = lineOption(figure, lineAxes(figure));
  return {
    ...option,
    backgroundColor: drawing.theme.background,
    graphic: [...(option.graphic as object[]), ...legend(figure, title)],
  };
}

const figureHeight = (drawing: LineDrawing) =>
  drawing.height + footer + 24 + Math.ceil(drawing.lines.length / columnsIn(drawing.width)) * rowHeight;

const columnsIn = (width: number) => Math.max(1, Math.floor((width - 40) / 220));

function legend({ lines, theme, width, height, x: kind }: LineDrawing, title: string): object[] {
  const columns = columnsIn(width);
  const text = (content: string, x: number, y: number, weight: number, style: object = {}) => ({
    type: 'text',
    x,
    y,
    style: {
      text: content,
      fill: theme.text,
      font: `${weight} 12px ${theme.font}`,
      verticalAlign: 'middle',
      ...style,
    },
  });
  const entries = lines.flatMap(({ series }, i) => {
    const x = plotMargins.left + (i % columns) * 220;
    const y = 34 + Math.floor(i / columns) * rowHeight;
    const style = { stroke: theme.color(series.color), lineWidth: 2, lineDash: series.dash };
    return [
      { type: 'line', shape: { x1: x, y1: y, x2: x + 18, y2: y }, style },
      text(series.label, x + 24, y, 400),
    ];
  });
  const atRight = { fill: theme.muted, align: 'right' };
  return [
    text(title, plotMargins.left, 14, 600),
    ...entries,
    text(xAxes[kind].name, width - plotMargins.right, height - 10, 400, atRight),
  ];
}

/** @returns a data URL of the chart at three times its size on screen */
export function chartPng(drawing: LineDrawing, title: string): string {
  const chart = init(document.createElement('div'), null, {
    renderer: 'canvas',
    width: drawing.width,
    height: figureHeight(drawing),
    devicePixelRatio: 1,
  });
  try {
    chart.setOption(figureOption(drawing, title));
    return chart.getDataURL({ type: 'png', pixelRatio: 3, backgroundColor: drawing.theme.background });
  } finally {
    chart.dispose();
  }
}

/** @returns SVG text with the same content as the canvas */
export function chartSvg(drawing: LineDrawing, title: string): string {
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: drawing.width,
    height: figureHeight(drawing),
  });
  try {
    chart.setOption(figureOption(drawing, title));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** Hands a file to the browser to save. */
export function saveFile(name: string, content: string, type: string): void {
  saveUrl(name, URL.createObjectURL(new Blob([content], { type })));
}

export function saveUrl(name: string, url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  if (url.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A title as a file name: `Test accuracy` is `test-accuracy`. */
export function fileName(title: string, extension: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${slug || 'chart'}.${extension}`;
}
