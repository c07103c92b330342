import type { LocationQuery } from 'vue-router';
import { defaultColumns } from './columns.ts';

export type RunsMode = 'table' | 'scatter' | 'parallel';
const modes: readonly RunsMode[] = ['table', 'scatter', 'parallel'];

export interface ShownColumn {
  id: string;
  /** Pixels; left out: the column's own. */
  width?: number;
  /** Stays at the left when the table is scrolled. */
  pinned: boolean;
}

export interface SortKey {
  id: string;
  descending: boolean;
}

/** Everything about the runs view that a link to it keeps. */
export interface RunsViewState {
  filter: string;
  /** Archived runs are shown too. */
  archived: boolean;
  sort: SortKey[];
  columns: ShownColumn[];
  /** Ids of columns, or `config`. */
  groups: string[];
  mode: RunsMode;
  /** Axes of the scatter plot, and what colours it; ids of columns. */
  x: string;
  y: string;
  color: string;
  xLog: boolean;
  yLog: boolean;
  /** Axes of the parallel coordinates. */
  axes: string[];
}

export const defaultViewState: Readonly<RunsViewState> = {
  filter: '',
  archived: false,
  sort: [],
  columns: defaultColumns.map((id) => ({ id, pinned: id === 'state' || id === 'name' })),
  groups: [],
  mode: 'table',
  x: 'flops/percentOfDense',
  y: 'test/accuracy',
  color: 'method',
  xLog: false,
  yLog: false,
  axes: ['method', 'density', 'flops/percentOfDense', 'time/stepMs', 'test/loss', 'test/accuracy'],
};

const minWidth = 40;
const maxWidth = 800;

/** Never throws: what cannot be read in a hand-edited address takes its default. */
export function readViewState(query: LocationQuery): RunsViewState {
  const text = (name: string) => {
    const value = query[name];
    return (Array.isArray(value) ? value[0] : value) ?? undefined;
  };
  const list = (name: string) =>
    text(name)
      ?.split(',')
      .filter((item) => item !== '');
  const log = list('log') ?? [];
  const columns = list('cols')?.map(readColumn);
  return {
    filter: text('q') ?? '',
    archived: text('archived') === '1',
    sort: (list('sort') ?? []).map(readSortKey),
    columns: columns && columns.length > 0 ? unique(columns) : [...defaultViewState.columns],
    groups: list('group') ?? [],
    mode: modes.find((mode) => mode === text('view')) ?? 'table',
    x: text('x') || defaultViewState.x,
    y: text('y') || defaultViewState.y,
    color: text('color') || defaultViewState.color,
    xLog: log.includes('x'),
    yLog: log.includes('y'),
    axes: list('axes') ?? [...defaultViewState.axes],
  };
}

/** @returns only what differs from the default, so that addresses stay short */
export function writeViewState(state: RunsViewState): Record<string, string> {
  const log = [state.xLog ? 'x' : '', state.yLog ? 'y' : ''].filter(Boolean).join(',');
  const all: Record<string, string> = {
    q: state.filter,
    archived: state.archived ? '1' : '',
    sort: state.sort.map(({ id, descending }) => (descending ? '-' : '') + id).join(','),
    cols: writeColumns(state.columns),
    group: state.groups.join(','),
    view: state.mode,
    x: state.x,
    y: state.y,
    color: state.color,
    log,
    axes: state.axes.join(','),
  };
  const usual: Record<string, string> = {
    cols: writeColumns(defaultViewState.columns),
    view: 'table',
    x: defaultViewState.x,
    y: defaultViewState.y,
    color: defaultViewState.color,
    axes: defaultViewState.axes.join(','),
  };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== (usual[name] ?? '')));
}

/** What a saved view keeps: a state as the text behind `?` in its address. */
export const viewQuery = (state: RunsViewState): string =>
  new URLSearchParams(writeViewState(state)).toString();

export const readViewQuery = (query: string): RunsViewState =>
  readViewState(Object.fromEntries(new URLSearchParams(query)));

function readSortKey(text: string): SortKey {
  return text.startsWith('-') ? { id: text.slice(1), descending: true } : { id: text, descending: false };
}

/** `name~260!`: an id, its width, and whether it is pinned. */
function readColumn(text: string): ShownColumn {
  const [, id, width, pin] = /^(.*?)(?:~(\d+))?(!?)$/.exec(text)!;
  const pixels = Math.min(maxWidth, Math.max(minWidth, Number(width)));
  return { id, ...(width ? { width: pixels } : {}), pinned: pin !== '' };
}

const writeColumns = (columns: readonly ShownColumn[]) =>
  columns
    .map(
      ({ id, width, pinned }) =>
        `${id}${width === undefined ? '' : `~${Math.round(width)}`}${pinned ? '!' : ''}`,
    )
    .join(',');

const unique = (columns: ShownColumn[]) =>
  columns.filter(({ id }, i) => columns.findIndex((other) => other.id === id) === i);
