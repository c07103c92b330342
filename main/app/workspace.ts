import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything a user makes lives: the run database, run folders, artifacts, downloaded data. */
export interface Workspace {
  root: string;
  database: string;
  artifacts: string;
  data: string;
  exports: string;
  runFolder(id: string): string;
}

/**
 * Opens (and creates) a workspace folder.
 * @param folder default: `FILIGREE_HOME`, else the platform's folder for application data
 */
export function openWorkspace(folder?: string): Workspace {
  const root = resolve(folder ?? process.env.FILIGREE_HOME ?? defaultFolder());
  const data = join(root, 'data');
  mkdirSync(data, { recursive: true });
  return {
    root,
    data,
    database: join(root, 'runs.sqlite'),
    artifacts: join(root, 'artifacts'),
    exports: join(root, 'exports'),
    runFolder(id) {
      const path = join(root, 'runs', id);
      mkdirSync(path, { recursive: true });
      return path;
    },
  };
}

function defaultFolder(): string {
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Filigree');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Filigree');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'filigree');
}
