import { exactAxis, niceAxis, type AxisRange } from '../../shared/ticks.ts';
import { html, type Html } from './html.ts';

export interface Line {
  label: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Drawn faintly behind: the points that a smoothed line goes through. */
  faint?: boolean;
}

export interface Chart {
  title: string;
  xLabel: string;
  lines: readonly Line[];
  /** Writes a value of the y axis. */
  format(value: number): string;
}

const size = { width: 460, height: 230 };
const margin = { left: 52, right: 12, top: 10, bottom: 34 };

/** A line chart as inline SVG; its colours are the classes of the page, so that it follows light and dark. */
export function chartFigure({ title, xLabel, lines, format }: Chart): Html {
  const drawn = lines.filter(({ x }) => x.length > 0);
  const xs = drawn.flatMap(({ x }) => [x[0], x[x.length - 1]]);
  const x = exactAxis(Math.min(...xs), Math.max(...xs), 6);
  const y = niceAxis(...extent(drawn), 5);
  const toX = scale(x, margin.left, size.width - margin.right);
  const toY = scale(y, size.height - margin.bottom, margin.top);
  let named = 0;
  const styled = drawn.map((line) => ({ ...line, color: line.faint ? named + 1 : ++named }));
  const paths = styled.map(
    (line) =>
      html`<path class="line c${line.color}${line.faint ? ' faint' : ''}" d="${pathOf(line, toX, toY)}" />`,
  );
  const bottom = size.height - margin.bottom;
  return html`<figure>
    <figcaption>
      ${title}<span class="legend"
        >${styled.filter(({ faint }) => !faint).map(({ label, color }) => html` <span class="key c${color}">${label}</span>`)}</span
      >
    </figcaption>
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}">
      ${y.ticks.map(
        (tick) =>
          html`<line
              class="grid"
              x1="${margin.left}"
              x2="${size.width - margin.right}"
              y1="${at(toY(tick))}"
              y2="${at(toY(tick))}"
            /><text class="tick" text-anchor="end" x="${margin.left - 6}" y="${at(toY(tick) + 3.5)}"
              >${format(tick)}</text
            > `,
      )}${x.ticks.map(
        (tick) =>
          html`<text class="tick" text-anchor="middle" x="${at(toX(tick))}" y="${bottom + 14}"
            >${tick.toLocaleString('en-US')}</text
          > `,
      )}
      <text
        class="tick"
        text-anchor="middle"
        x="${(margin.left + size.width - margin.right) / 2}"
        y="${size.height - 4}"
      >
        ${xLabel}
      </text>
      <line
        class="axis"
        x1="${margin.left}"
        x2="${size.width - margin.right}"
        y1="${bottom}"
        y2="${bottom}"
      />
      ${paths}
    </svg>
  </figure>`;
}

/** Of the finite values; a raw line behind a smoothed one counts as well, so that nothing lies outside. */
function extent(lines: readonly Line[]): [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const { y } of lines) {
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      min = Math.min(min, y[i]);
      max = Math.max(max, y[i]);
    }
  }
  return [min, max];
}

const scale =
  ({ min, max }: AxisRange, from: number, to: number) =>
  (value: number) =>
    from + ((value - min) / (max - min)) * (to - from);

const at = (value: number) => Number(value.toFixed(1));

/** A value that is not finite leaves a gap. */
function pathOf({ x, y }: Line, toX: (v: number) => number, toY: (v: number) => number): string {
  let path = '';
  let pen = 'M';
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i])) {
      pen = 'M';
      continue;
    }
    path += `${pen}${at(toX(x[i]))} ${at(toY(y[i]))}`;
    pen = 'L';
  }
  return path;
}
