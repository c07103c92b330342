/** Something the host does in the background that is not a run: a download, an import, a measurement. */
export interface Task {
  id: string;
  kind: 'download' | 'import' | 'measure' | 'export' | 'install';
  title: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** 0..1 where it is known. */
  fraction: number | undefined;
  /** What it is doing, or why it failed. */
  message: string;
}
