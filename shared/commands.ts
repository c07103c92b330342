/** One table of commands: the desktop menu, the palette and the shortcut list are drawn from it. */
export interface CommandInfo {
  id: string;
  title: string;
  menu: 'File' | 'Run' | 'View' | 'Go' | 'Help';
  /** `Mod` is Ctrl, on a Mac ⌘. Two keys with a space between are typed one after the other. */
  keys?: string;
}

export const commands: readonly CommandInfo[] = [
  { id: 'run.new', title: 'New run', menu: 'File', keys: 'c' },
  { id: 'run.export', title: 'Export weights of this run', menu: 'File', keys: 'e' },
  { id: 'run.report', title: 'Write a report of this run', menu: 'File' },
  { id: 'run.archive', title: 'Save an archive of this run', menu: 'File' },
  { id: 'run.import', title: 'Import a run archive', menu: 'File' },
  { id: 'run.pause', title: 'Pause or continue this run', menu: 'Run', keys: 'p' },
  { id: 'run.stop', title: 'Stop this run', menu: 'Run', keys: 'Shift+S' },
  { id: 'run.checkpoint', title: 'Checkpoint this run now', menu: 'Run' },
  { id: 'run.resume', title: 'Resume this run', menu: 'Run', keys: 'r' },
  { id: 'run.clone', title: 'Clone this run', menu: 'Run', keys: 'Shift+C' },
  { id: 'run.star', title: 'Star or unstar this run', menu: 'Run', keys: 's' },
  { id: 'run.inspect', title: 'Inspect the masks of this run', menu: 'Run', keys: 'm' },
  { id: 'go.runs', title: 'Go to runs', menu: 'Go', keys: 'g r' },
  { id: 'go.live', title: 'Go to the newest live run', menu: 'Go', keys: 'g l' },
  { id: 'go.compare', title: 'Go to comparison', menu: 'Go', keys: 'g c' },
  { id: 'go.masks', title: 'Go to the mask inspector', menu: 'Go', keys: 'g m' },
  { id: 'go.datasets', title: 'Go to data sets', menu: 'Go', keys: 'g d' },
  { id: 'go.settings', title: 'Go to settings', menu: 'Go', keys: 'g s' },
  { id: 'view.palette', title: 'Command palette', menu: 'View', keys: 'Mod+K' },
  { id: 'view.sidebar', title: 'Show or hide the sidebar', menu: 'View', keys: 'Mod+B' },
  { id: 'view.theme', title: 'Switch between light and dark', menu: 'View', keys: 'Shift+T' },
  { id: 'view.filter', title: 'Search in this view', menu: 'View', keys: '/' },
  { id: 'edit.undo', title: 'Undo', menu: 'View', keys: 'Mod+Z' },
  { id: 'help.shortcuts', title: 'Keyboard shortcuts', menu: 'Help', keys: '?' },
];
